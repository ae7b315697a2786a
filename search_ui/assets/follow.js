// The parts of a form of asking that follow from what is chosen in it. Files that were chosen, and what was typed, stay.
import { dress } from './files.js'

// What a price depends on: `filing.WISHES`.
export const WISHED = ['pages', 'copies', 'carrier', 'delivery', 'certified', 'exemption']

export const put = (form, html) => {
  const made = document.createElement('template')
  made.innerHTML = html
  for (const part of made.content.querySelectorAll('[data-follows]')) {
    const before = document.querySelector(`[data-follows="${part.dataset.follows}"]`)
    if (!before) continue
    for (const field of part.querySelectorAll('input[type=file], input[type=text], textarea')) {
      const typed = before.querySelector(`[name="${field.name}"]`)
      if (typed) (field.closest('.give') ?? field).replaceWith(typed.closest('.give') ?? typed)
    }
    const focused = before.contains(document.activeElement) ? document.activeElement : null
    before.replaceWith(part)
    if (focused) {
      const same = part.querySelector(`[name="${focused.name}"][value="${CSS.escape(focused.value)}"]`)
      ;(same ?? part.querySelector(`[name="${focused.name}"]`))?.focus()
    }
  }
  dress(form)
  const paper = document.querySelector('[data-paper]')
  if (paper) paper.href = paper.dataset.paper + form.elements.type.value
}
