// How many rows are ticked, and all of them at once. The form sends the same without.
for (const bar of document.querySelectorAll('[data-bulk]')) {
  const boxes = [...bar.closest('form').querySelectorAll('.row-check input')]
  const [count, all] = [bar.querySelector('[data-bulk-count]'), bar.querySelector('[data-bulk-all]')]
  const none = count.textContent
  const say = () => {
    const ticked = boxes.filter(box => box.checked).length
    count.textContent = ticked ? bar.dataset.count.replace('#', ticked) : none
  }
  all.hidden = boxes.length < 2
  all.addEventListener('click', () => {
    const to = boxes.some(box => !box.checked)
    for (const box of boxes) box.checked = to
    say()
  })
  bar.closest('form').addEventListener('change', say)
  addEventListener('pageshow', say)
}
