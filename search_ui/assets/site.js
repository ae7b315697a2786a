// Small comforts of every plain page. Without script everything still works.

// A menu closes when one clicks beside it or presses Escape.
const menus = [...document.querySelectorAll('details.menu')]
document.addEventListener('click', event => {
  for (const menu of menus) if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return
  for (const menu of menus.filter(menu => menu.open)) {
    menu.open = false
    menu.querySelector('summary').focus()
  }
})

// Fields for files speak the language of the page.
const choosing = document.querySelectorAll('[data-choose]')
if (choosing.length) import('./files.js').then(({ dress }) => { for (const part of choosing) dress(part) })

// A page that says that search rests looks again by itself, and is loaded anew once search is back: not before, so that
// nobody loses their place.
const resting = document.querySelector('[data-resting]')
if (resting) {
  const again = () => setTimeout(look, Number(resting.dataset.resting) * 1000)
  const look = async () => {
    const answer = document.hidden ? null : await fetch('/health').catch(() => null)
    const health = await answer?.json().catch(() => null)
    health?.search === 'ok' ? location.reload() : again()
  }
  again()
}
