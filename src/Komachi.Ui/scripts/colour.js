// A colour can be picked beside the field where its number is typed.
for (const field of document.querySelectorAll('input[data-colour]')) {
  const picker = document.createElement('input')
  picker.type = 'color'
  picker.className = 'colour-picker'
  picker.setAttribute('aria-label', field.dataset.colour)
  const follow = () => { if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value }
  follow()
  field.addEventListener('input', follow)
  picker.addEventListener('input', () => { field.value = picker.value })
  const row = document.createElement('span')
  row.className = 'colour-row'
  field.replaceWith(row)
  row.append(field, picker)
}
