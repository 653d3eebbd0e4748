// Questions that an answer above makes asked come and go at once. Without this the page comes back with them when it is sent.
// <fieldset data-asked-if="kind" data-asked-in="new|moved"> is asked where one of these is chosen; what is not asked is not sent.
for (const part of document.querySelectorAll('[data-asked-if]')) {
  const form = part.closest('form')
  const wanted = part.dataset.askedIn.split('|')
  const not = part.hasAttribute('data-asked-not')
  const shown = () => {
    const of = [...form.elements].filter(input => input.name === part.dataset.askedIf && input.type !== 'hidden')
    // What is not asked itself has no answer.
    const answered = of.filter(input => !input.matches(':disabled') && (!['radio', 'checkbox'].includes(input.type) || input.checked)).map(input => input.value).filter(Boolean)
    const chosen = answered.some(value => wanted.includes(value))
    return not ? answered.length > 0 && !chosen : chosen
  }
  const set = () => { part.hidden = part.disabled = !shown() }
  form.addEventListener('change', set)
  addEventListener('pageshow', set)
  set()
}

// A place: the device says where it is, if it is asked to.
for (const field of document.querySelectorAll('[data-point]')) {
  const here = field.querySelector('[data-point-here]')
  if (!navigator.geolocation) continue
  const [latitude, longitude] = ['latitude', 'longitude'].map(part => field.querySelector(`[name$="-${part}"]`))
  const said = here.querySelector('[role=status]')
  here.hidden = false
  here.querySelector('button').addEventListener('click', () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      latitude.value = coords.latitude.toFixed(6)
      longitude.value = coords.longitude.toFixed(6)
      said.textContent = ''
      latitude.focus()
    },
    () => { said.textContent = field.dataset.denied },
    { enableHighAccuracy: true, timeout: 20_000 }
  ))
}
