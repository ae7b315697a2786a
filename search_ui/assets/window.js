// At the window: a clerk is led to what is wrong, and papers follow the choice of type and relation at once.
import { dress } from './files.js'

document.querySelector('[data-focus]')?.focus()
const form = document.querySelector('form[data-window]')
dress(form)
form.addEventListener('change', event => {
  const chosen = ['type', 'relation', 'channel'].includes(event.target.name)
  const files = [...form.querySelectorAll('input[type=file]')].some(field => field.files.length)
  if (chosen && !files) form.requestSubmit(form.querySelector('[value=update]'))
})
