// A link that leads to a question opens it here, where the browser can hold the page behind it still.
for (const opener of document.querySelectorAll('a[data-dialog]')) {
  const dialog = document.getElementById(opener.dataset.dialog)
  if (!dialog?.showModal) continue
  opener.addEventListener('click', event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return    // a new window shows the page of its own
    event.preventDefault()
    dialog.showModal()
  })
}
