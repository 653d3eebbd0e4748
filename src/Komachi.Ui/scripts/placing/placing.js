// Places on a page of a form, moved on its picture. The numbers in the list are what is saved; this only writes into them.
// Loaded on that one page alone, as its own bundle.
import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist/legacy/build/pdf.mjs'

const board = document.querySelector('[data-placing]')
if (board) begin(board)

function begin(board) {
  const { dataset } = board
  const page = { width: +dataset.width, height: +dataset.height }
  const sheet = board.querySelector('.placing-sheet')
  const said = board.querySelector('[data-said]')
  const places = [...document.querySelectorAll('[data-place]')].map(row => {
    const [x, y, w, h] = ['x', 'y', 'w', 'h'].map(part => row.querySelector(`[name="f${row.dataset.place}-${part}"]`))
    return { row, inputs: { x, y, w, h } }
  })
  board.hidden = false
  sheet.style.aspectRatio = `${page.width} / ${page.height}`
  draw(board, sheet).catch(() => { said.className = 'quiet'; said.textContent = dataset.failed })

  for (const place of places) {
    const box = place.box = document.createElement('button')
    box.type = 'button'
    box.className = 'placing-box'
    box.textContent = place.row.dataset.number
    box.disabled = place.inputs.x.readOnly
    if (!box.disabled) box.setAttribute('aria-describedby', 'placing-help')
    sheet.append(box)
    show(place)
    for (const input of Object.values(place.inputs)) input.addEventListener('input', () => show(place))
    place.row.addEventListener('focusin', () => mark(place))
    box.addEventListener('focus', () => mark(place))
    if (box.disabled) continue
    box.addEventListener('keydown', event => byKey(place, event))
    box.addEventListener('pointerdown', event => byPointer(place, event))
  }

  function numbers({ inputs }) {
    return Object.fromEntries(Object.entries(inputs).map(([part, input]) => [part, Number.parseFloat(input.value.normalize('NFKC')) || 0]))
  }

  function write(place, { x, y, w, h }) {
    w = clamp(w, 1, page.width)
    h = clamp(h, 1, page.height)
    const now = { x: clamp(x, 0, page.width - w), y: clamp(y, 0, page.height - h), w, h }
    for (const part in now) place.inputs[part].value = String(Math.round(now[part] * 10) / 10)
    show(place)
  }

  function show(place) {
    const { x, y, w, h } = numbers(place)
    Object.assign(place.box.style, { left: share(x, page.width), top: share(y, page.height), width: share(w, page.width), height: share(h, page.height) })
    place.box.setAttribute('aria-label', `${place.row.dataset.number} ${place.row.dataset.label}: ${at({ x, y, w, h })}`)
    place.box.title = place.row.dataset.label
  }

  function at({ x, y, w, h }) {
    return dataset.at.replace(/\{(\d)\}/g, (_, n) => [x, y, w, h][n])
  }

  function mark(place) {
    for (const other of places) other.box?.classList.toggle('placing-chosen', other === place)
    for (const other of places) other.row.classList.toggle('placing-chosen', other === place)
  }

  function byKey(place, event) {
    const step = { ArrowLeft: [-.5, 0], ArrowRight: [.5, 0], ArrowUp: [0, -.5], ArrowDown: [0, .5] }[event.key]
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const now = numbers(place)
    write(place, event.shiftKey ? { ...now, w: now.w + step[0], h: now.h + step[1] } : { ...now, x: now.x + step[0], y: now.y + step[1] })
    said.textContent = at(numbers(place))
  }

  function byPointer(place, event) {
    if (event.button !== 0) return
    event.preventDefault()
    place.box.focus()
    place.box.setPointerCapture(event.pointerId)
    const [from, rect, edge] = [numbers(place), sheet.getBoundingClientRect(), place.box.getBoundingClientRect()]
    const grows = edge.right - event.clientX < Math.min(10, edge.width / 3) && edge.bottom - event.clientY < Math.min(10, edge.height / 2)
    const move = to => {
      const [dx, dy] = [(to.clientX - event.clientX) / rect.width * page.width, (to.clientY - event.clientY) / rect.height * page.height]
      write(place, grows ? { ...from, w: from.w + dx, h: from.h + dy } : { ...from, x: from.x + dx, y: from.y + dy })
    }
    const end = () => {
      place.box.removeEventListener('pointermove', move)
      said.textContent = at(numbers(place))
    }
    place.box.addEventListener('pointermove', move)
    place.box.addEventListener('pointerup', end, { once: true })
    place.box.addEventListener('pointercancel', end, { once: true })
  }
}

async function draw({ dataset }, sheet) {
  GlobalWorkerOptions.workerSrc = dataset.worker
  // Fonts that a form names and does not bring need tables for their letters: fetched when one asks for them.
  class Tables {
    static all
    async fetch({ name }) {
      Tables.all ??= fetch(dataset.cmaps).then(answer => answer.json())
      const table = (await Tables.all)[name]
      if (!table) throw new Error(name)
      return { cMapData: Uint8Array.from(atob(table), c => c.charCodeAt(0)), isCompressed: true }
    }
  }
  const form = await getDocument({ url: dataset.file, isEvalSupported: false, verbosity: 0, CMapReaderFactory: Tables, cMapUrl: '/', useWorkerFetch: false }).promise
  const page = await form.getPage(+dataset.page)
  const canvas = sheet.querySelector('canvas')
  const wide = Math.min(2000, sheet.clientWidth * Math.min(devicePixelRatio || 1, 2))
  const viewport = page.getViewport({ scale: wide / page.getViewport({ scale: 1 }).width })
  canvas.width = viewport.width
  canvas.height = viewport.height
  await page.render({ canvasContext: canvas.getContext('2d'), viewport }).promise
  sheet.dataset.drawn = 'yes'
}

function clamp(number, least, most) {
  return Math.min(Math.max(number, least), most)
}

function share(part, whole) {
  return `${part / whole * 100}%`
}
