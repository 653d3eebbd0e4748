// Small comforts. Every page does its work without them.
import './passkey.js'
import './files.js'
import './dialog.js'
import './bulk.js'
import './keys.js'
import './colour.js'
import './fields.js'
import './asked.js'

// A form is sent once: a second press while the first is under way does nothing. What is sent stays as it is.
// Released after a while (a download leaves the page standing) and when the page comes back from history.
addEventListener('submit', event => {
  const form = event.target
  if (event.defaultPrevented || form.method !== 'post' || form.target) return
  if (form.dataset.sent) return event.preventDefault()
  form.dataset.sent = 'yes'
  setTimeout(() => delete form.dataset.sent, 10_000)
})
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
})

// A page that came back with errors starts at their list, so that a screen reader reads it first.
document.querySelector('.error-summary h2')?.focus()

// Buttons that only a script can serve stay hidden until it is there.
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
