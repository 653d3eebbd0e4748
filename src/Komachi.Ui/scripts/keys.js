// Keys for those who work here all day. Whatever bears data-key="g n" is reached by these letters; j and k walk through a list.
// Nothing happens while somebody types, with a modifier held, or where the menu does not say that keys are on.
const marked = () => [...document.querySelectorAll('[data-key]')]
let before = '', timer

addEventListener('keydown', event => {
  if (!document.querySelector('[data-keys]') || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key.length !== 1 || event.target.closest?.('input, select, textarea, [contenteditable], dialog[open]')) return
  const pressed = before ? before + ' ' + event.key : event.key
  clearTimeout(timer)
  before = ''
  if (pressed === 'j' || pressed === 'k') return walk(event, pressed === 'j' ? 1 : -1)
  const target = marked().find(e => e.dataset.key === pressed)
  if (target) {
    event.preventDefault()
    if (target.matches('input')) target.select()
    target.matches('input') ? target.focus() : target.click()
  } else if (marked().some(e => e.dataset.key.startsWith(pressed + ' '))) {
    before = pressed
    timer = setTimeout(() => before = '', 3000)
  }
})

function walk(event, step) {
  const rows = [...document.querySelectorAll('main tbody th[scope=row] a, main .pane-rows a, main .hits a')].filter(a => a.offsetParent)
  if (!rows.length) return
  event.preventDefault()
  const at = rows.indexOf(document.activeElement)
  rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)].focus()
}
