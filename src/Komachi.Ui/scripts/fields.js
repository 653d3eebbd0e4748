// What makes fields quicker to fill in.
const digitsOf = text => text.normalize('NFKC').replace(/[^0-9]/g, '')

// An address comes by itself as soon as the seven digits of its postcode stand there. Without this, or without a line, the button beside them
// sends the form, which comes back filled in.
for (const field of document.querySelectorAll('[data-postcodes]')) {
  const part = name => field.querySelector(`[name$="-${name}"]`)
  const code = part('postcode'), place = part('place')
  const parts = ['prefecture', 'city', 'town'].map(part)
  const said = field.querySelector('[data-address-said]')
  const choice = field.querySelector('[data-address-places]')
  const button = field.querySelector('button[name="_look"]')
  let asked = digitsOf(code.value), places = [], ours = ['', '', '']

  const valuesOf = one => [one.prefecture, one.city, one.area]
  // As the form's reader does it (FormAddress.cs): what all places have in common, and what goes on from there stays. While somebody types,
  // only what is empty or came from here is filled.
  const fill = pressed => {
    const was = parts.map(input => input.value)
    const one = i => {
      const all = [...new Set(places.map(place => valuesOf(place)[i]))]
      return all.length === 1 ? all[0] : all.includes(was[i]) ? was[i] : ''
    }
    const city = one(1)
    const goesOn = was[2] && (!was[1] || was[1] === city) && places.some(place => (!city || place.city === city) && was[2].startsWith(place.area))
    const found = [one(0), city, goesOn ? was[2] : one(2)]
    parts.forEach((input, i) => { if (pressed || !was[i] || was[i] === ours[i]) input.value = ours[i] = found[i] })
  }
  const offer = () => {
    choice.hidden = places.length < 2
    place.replaceChildren(place.options[0], ...places.map(one => new Option(valuesOf(one).join(''), `${one.townCode}/${one.area}`)))
  }
  const show = pressed => {
    offer()
    fill(pressed)
    said.textContent = places.length > 1 ? field.dataset.several : field.dataset.found
    if (pressed) (places.length > 1 ? place : part('number')).focus()
  }
  const look = async pressed => {
    const digits = digitsOf(code.value)
    if (digits.length !== 7 || digits === asked && !pressed) return
    asked = digits
    try {
      const answer = await fetch(field.dataset.postcodes + digits)
      if (digits !== digitsOf(code.value)) return
      if (!answer.ok) throw new Error(answer.status)
      places = (await answer.json()).places
      if (places.length) return show(pressed)
      offer()
      said.textContent = field.dataset.none
    } catch {
      asked = ''
      if (pressed) send()
    }
  }
  const send = () => {
    button.removeEventListener('click', press)
    button.click()
    button.addEventListener('click', press)
  }
  const press = event => {
    if (digitsOf(code.value).length !== 7) return    // the page that comes back says what is wrong
    event.preventDefault()
    look(true)
  }
  code.addEventListener('input', () => look(false))
  button.addEventListener('click', press)
  place.addEventListener('change', () => {
    const one = places.find(p => `${p.townCode}/${p.area}` === place.value)
    if (!one) return
    valuesOf(one).forEach((value, i) => { if (i < 2 || !parts[i].value || parts[i].value === ours[i]) parts[i].value = ours[i] = value })
  })
}

// A sum is said in a way in which nobody loses count of its noughts.
for (const input of document.querySelectorAll('[data-yen]')) {
  const said = input.closest('.field').querySelector('output')
  let pause
  const grouped = digits => digits.replace(/\B(?=(\d{3})+$)/g, ',')
  const inWords = digits => {
    const steps = input.dataset.myriads
    if (!steps || digits.length < 5) return grouped(digits)
    let text = ''
    for (let i = 0, rest = digits; rest; i++, rest = rest.slice(0, -4)) {
      const four = rest.slice(-4).replace(/^0+/, '')
      if (four) text = grouped(four) + (i ? steps[i - 1] : '') + text
    }
    return text
  }
  input.addEventListener('input', () => {
    clearTimeout(pause)
    pause = setTimeout(() => {
      const digits = input.value.normalize('NFKC').replace(/[,\s¥円]/g, '').replace(/^0+(?=\d)/, '')
      said.textContent = /^\d{1,15}$/.test(digits) ? input.dataset.yen.replace('{0}', inWords(digits)) : ''
    }, 600)
  })
}
