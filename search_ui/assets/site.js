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
