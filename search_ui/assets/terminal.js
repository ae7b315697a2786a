// A terminal of the reading room wipes itself when nobody touches it: on plain pages and on screens, whose head may be
// drawn anew at any time, so the form is looked for each time. Elsewhere there is no such form, and nothing happens.
let touched = Date.now(), leaving = false
const touch = () => { touched = Date.now() }
for (const kind of ['pointerdown', 'keydown', 'touchstart', 'input', 'wheel']) addEventListener(kind, touch, { passive: true, capture: true })

function leave(wipe) {
  leaving = true
  sessionStorage.clear()
  for (const form of document.forms) if (form !== wipe) form.reset()
  wipe.submit()
}

setInterval(() => {
  const wipe = document.querySelector('form[data-wipe]')
  if (!wipe || leaving) return
  const seconds = Math.ceil((touched + Number(wipe.dataset.wipe) * 1000 - Date.now()) / 1000)
  const left = wipe.querySelector('[data-left]')
  if (left) left.textContent = left.dataset.left.replace('…', Math.max(0, seconds))
  if (seconds <= 0) leave(wipe)
}, 1000)
