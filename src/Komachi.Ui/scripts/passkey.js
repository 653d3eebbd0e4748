// Passkeys: a form that asks the browser for one, and sends what it answers with the form. Where the browser knows none,
// the form stays hidden: there is always another way beside it.

const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0))
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const asBytes = (options, names) => {
  for (const name of names) if (options[name]) options[name] = bytes(options[name])
  for (const list of ['excludeCredentials', 'allowCredentials'])
    for (const one of options[list] ?? []) one.id = bytes(one.id)
  if (options.user) options.user.id = bytes(options.user.id)
  return options
}

const asJson = ({ id, type, rawId, response, authenticatorAttachment }, credential) => JSON.stringify({
  id, type, rawId: text(rawId), authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
  response: Object.fromEntries(['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
    .filter(name => response[name]).map(name => [name, text(response[name])]).concat(response.getTransports ? [['transports', response.getTransports()]] : []))
})

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue
  form.hidden = false
  form.addEventListener('submit', async event => {
    if (form.elements.answer.value) return
    event.preventDefault()
    const failed = form.querySelector('[data-failed]')
    failed.hidden = true
    try {
      const publicKey = asBytes(JSON.parse(form.dataset.options), ['challenge'])
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey })
      form.elements.answer.value = asJson(credential, credential)
      form.requestSubmit()
    } catch {
      failed.hidden = false
    }
  })
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-passkey]')) form.elements.answer.value = ''
})
