// At the window: a clerk is led to what is wrong, and what follows from a choice is there at once.
import { dress } from './files.js'
import { put, WISHED } from './follow.js'

document.querySelector('[data-focus]')?.focus()
const form = document.querySelector('form[data-window]')
document.documentElement.classList.add('scripted')
dress(form)

// The form is sent as its button for that sends it, without the files: those stay chosen in this page.
let asked = 0
const follow = async () => {
  const mine = ++asked
  const body = new FormData()
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value)
  body.set('do', 'update')
  const answer = await fetch(form.action, { method: 'POST', body }).catch(() => null)
  if (answer?.ok && mine === asked) put(form, await answer.text())
}
form.addEventListener('change', event => {
  if (['type', 'relation', 'channel', ...WISHED].includes(event.target.name)) follow()
})
