// Files are sent as soon as they are chosen, one after the other, by tus: what was cut goes on where it stopped. Without this
// script the same form sends one file and comes back.

const pause = milliseconds => new Promise(done => {
  const timer = setTimeout(done, milliseconds)
  addEventListener('online', () => { clearTimeout(timer); done() }, { once: true })
})
const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
const headers = box => ({ 'Tus-Resumable': '1.0.0', RequestVerificationToken: box.dataset.token })

// Where a file that was begun goes on, for as long as this window is open.
const memory = {
  key: (file, box) => ['file', box.dataset.kind, box.dataset.place, file.name, file.size, file.lastModified].join('|'),
  get (key) { try { return sessionStorage.getItem(key) } catch { return null } },
  set (key, value) { try { value ? sessionStorage.setItem(key, value) : sessionStorage.removeItem(key) } catch { /* a private window */ } }
}

// The page's own list says why, where the server keeps a row for it.
class Refused extends Error {
  constructor (text, listed = false) { super(text); this.listed = listed }
}
const said = (status, type, text) => new Refused(type?.startsWith('text/plain') ? text : '', [410, 413, 422].includes(status))

function put (url, box, body, offset, progress, begun) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()    // fetch says nothing of how far an upload is
    begun(request)
    request.open('PATCH', url)
    for (const [name, value] of Object.entries(headers(box))) request.setRequestHeader(name, value)
    request.setRequestHeader('Upload-Offset', offset)
    request.setRequestHeader('Content-Type', 'application/offset+octet-stream')
    request.upload.onprogress = event => progress(offset + event.loaded)
    request.onload = () => resolve(request)
    request.onerror = request.onabort = () => reject(new Error('cut'))
    request.send(body)
  })
}

async function send (file, box, row) {
  const key = memory.key(file, box)
  let url = memory.get(key)
  let stopped = false
  let running
  row.stop(async () => {
    stopped = true
    running?.abort()
    if (url) await fetch(url, { method: 'DELETE', headers: headers(box) }).catch(() => {})
    memory.set(key, null)
  })
  for (let tries = 0; tries < 60 && !stopped;) {
    try {
      let offset = 0
      if (url) {
        const known = await fetch(url, { method: 'HEAD', headers: headers(box), cache: 'no-store' })
        if (known.ok) offset = Number(known.headers.get('Upload-Offset'))
        else if (known.status < 500) { url = null; memory.set(key, null) }
        else throw new Error('away')
      }
      if (!url) {
        const about = { kind: box.dataset.kind, place: box.dataset.place, filename: file.name }
        const made = await fetch(box.dataset.files, {
          method: 'POST',
          headers: { ...headers(box), 'Upload-Length': file.size, 'Upload-Metadata': Object.entries(about).map(([name, text]) => `${name} ${base64(text)}`).join(',') }
        })
        if (made.status !== 201) {
          if (made.status >= 500) throw new Error('away')
          throw said(made.status, made.headers.get('Content-Type'), await made.text())
        }
        url = made.headers.get('Location')
        memory.set(key, url)
      }
      if (offset < file.size || offset === 0) {
        const answer = await put(url, box, file.slice(offset), offset, sent => { tries = 0; row.show(sent / file.size) }, request => { running = request })
        if (answer.status >= 500 || answer.status === 409) throw new Error('away')
        if (answer.status !== 204) throw said(answer.status, answer.getResponseHeader('Content-Type'), answer.responseText)
        if (Number(answer.getResponseHeader('Upload-Offset')) < file.size) continue
      }
      memory.set(key, null)
      return
    } catch (error) {
      if (error instanceof Refused) { memory.set(key, null); throw error }
      if (stopped) return
      row.say(box.dataset.lost)
      await pause(Math.min(30_000, 500 * 2 ** Math.min(tries++, 6)))
      row.say('')
    }
  }
  if (!stopped) throw new Refused('')
}

// A picture with more dots than are ever drawn is made smaller before it is sent, and where a camera took it stays at home.
async function smaller (file, { shrink, most }) {
  if (!shrink || file.size <= most || !file.type.startsWith('image/')) return file
  try {
    const picture = await createImageBitmap(file)
    const canvas = document.createElement('canvas')
    const pen = canvas.getContext('2d')
    for (const part of [1, 0.75, 0.5, 0.36]) {
      const scale = Math.min(1, shrink * part / picture.width)
      canvas.width = Math.round(picture.width * scale)
      canvas.height = Math.round(picture.height * scale)
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
      for (const [type, ending, quality] of [['image/png', '.png'], ['image/jpeg', '.jpg', 0.85], ['image/jpeg', '.jpg', 0.65], ['image/jpeg', '.jpg', 0.5]]) {
        if (type === 'image/png' && file.type !== type) continue
        if (type === 'image/jpeg') {    // which has no clear ground
          pen.globalCompositeOperation = 'destination-over'
          pen.fillStyle = 'white'
          pen.fillRect(0, 0, canvas.width, canvas.height)
        }
        const made = await new Promise(done => canvas.toBlob(done, type, quality))
        if (made && made.size <= most) return new File([made], file.name.replace(/\.[^.]*$/, '') + ending, { type, lastModified: file.lastModified })
      }
    }
  } catch { /* nothing that this browser draws: the server says what it thinks of it */ }
  return file
}

function rowOf (file, box) {
  const row = document.createElement('li')
  row.className = 'file-row'
  const what = document.createElement('span')
  what.className = 'file-what'
  const name = document.createElement('bdi')
  name.textContent = file.name
  const state = document.createElement('span')
  state.className = 'quiet'
  state.textContent = box.dataset.sending
  what.append(name, state)
  const stop = document.createElement('button')
  stop.type = 'button'
  stop.className = 'button button-link'
  stop.textContent = box.dataset.cancel
  const bar = document.createElement('progress')
  bar.max = 1
  bar.value = 0
  bar.setAttribute('aria-label', file.name)
  const note = document.createElement('p')
  note.className = 'file-why'
  row.append(what, stop, bar)
  box.querySelector('[data-file-list]').append(row)
  return {
    show: share => { bar.value = share },
    say: text => { note.textContent = text; text ? row.append(note) : note.remove() },
    stop: act => stop.addEventListener('click', async () => { stop.disabled = true; await act(); row.remove() }),
    fail: text => { bar.remove(); stop.remove(); state.remove(); row.classList.add('file-row-wrong'); row.dataset.kept = 'yes'; note.textContent = text; row.append(note) },
    gone: () => row.remove()
  }
}

// By its address: what was posted is not posted again.
const anew = () => location.replace(location.pathname)

// The page's own list, as it is now: nothing that stands in other fields is touched.
async function refresh (id) {
  const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null)
  if (!answer?.ok) return null
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(id)
  const box = document.getElementById(id)
  if (!fresh || !box) return null
  const wrong = [...box.querySelectorAll('[data-file-list] > [data-kept]')]
  box.replaceWith(fresh)
  fresh.querySelector('[data-file-list]').append(...wrong)
  ready(fresh)
  return fresh
}

async function watch (box) {
  for (let tries = 0; tries < 20 && box?.dataset.busy; tries++) {
    await pause(1000 + 500 * tries)
    box = document.getElementById(box.id) === box ? await refresh(box.id) : null
  }
  if (box?.dataset.reload && !box.dataset.busy) anew()
}

function ready (box) {
  const input = box.querySelector('input[type=file]')
  if (box.dataset.busy) watch(box)
  if (!input) return
  input.multiple = !box.dataset.reload
  input.removeAttribute('name')
  const page = box.querySelector('[data-file-page]')
  if (page) {    // inside of another form nobody has to leave for it: the field takes the place of the button
    box.querySelector('[data-file-here]').hidden = false
    input.id = page.id
    page.remove()
  } else box.querySelector('[data-file-send]').hidden = true
  input.addEventListener('change', async () => {
    const files = [...input.files]
    input.value = ''
    input.disabled = true
    for (const file of files) {
      const row = rowOf(file, box)
      try {
        await send(await smaller(file, box.dataset), box, row)
        row.gone()
      } catch (error) {
        if (error.listed) row.gone()
        else row.fail(error.message || box.dataset.failed)
      }
    }
    input.disabled = false
    if (box.dataset.reload && !box.querySelector('[data-kept]')) return anew()
    const fresh = await refresh(box.id)
    fresh?.querySelector('input[type=file]')?.focus()
  })
}

for (const box of document.querySelectorAll('[data-files]')) ready(box)
