// A tree after the ARIA Authoring Practices: one tab stop, arrows, Home, End, type-ahead; parts are fetched when they are opened.
// https://www.w3.org/WAI/ARIA/apg/patterns/treeview/

export function tree(root) {
  let typed = ''
  let forget = 0
  const items = () => [...root.querySelectorAll('[role=treeitem]')].filter(item => item.offsetParent !== null)
  const branch = item => item.closest('li').querySelector(':scope > ul')

  const go = item => {
    if (!item) return
    root.querySelectorAll('[tabindex="0"]').forEach(other => (other.tabIndex = -1))
    item.tabIndex = 0
    item.focus()
  }
  const step = (item, by) => {
    const all = items()
    go(all[all.indexOf(item) + by])
  }

  async function load(item, address) {
    const answer = await fetch(`${address}${address.includes('?') ? '&' : '?'}part=tree`).catch(() => null)
    return answer?.ok ? answer.text() : location.assign(item.href)
  }
  async function open(item) {
    if (item.dataset.children && !branch(item)) {
      const part = await load(item, item.dataset.children)
      if (!part) return
      const list = document.createElement('ul')
      list.setAttribute('role', 'group')
      list.innerHTML = part
      item.closest('li').append(list)
    }
    if (branch(item)) branch(item).hidden = false
    item.setAttribute('aria-expanded', 'true')
  }
  function close(item) {
    branch(item).hidden = true
    item.setAttribute('aria-expanded', 'false')
  }
  // "N more" and "N earlier" give way to sixty of those; those before them go, so that the page never holds more than it can.
  async function more(item) {
    const part = await load(item, item.getAttribute('href'))
    if (!part) return
    const list = item.closest('ul')
    const here = list.querySelector(':scope > li [aria-current]')
    ;[...list.children].filter(li => !here || !li.contains(here)).forEach(li => li.remove())
    list.insertAdjacentHTML('beforeend', part)
    go(list.querySelector(':scope > li:not(:has([aria-current])) [role=treeitem]:not([data-more])'))
  }

  function search(item, letter) {
    clearTimeout(forget)
    forget = setTimeout(() => (typed = ''), 700)
    typed += letter.toLowerCase()
    const all = items()
    const from = all.indexOf(item) + (typed.length === 1 ? 1 : 0)
    go([...all.slice(from), ...all.slice(0, from)].find(each => each.textContent.trim().toLowerCase().startsWith(typed)))
  }

  const keys = {
    ArrowDown: item => step(item, 1),
    ArrowUp: item => step(item, -1),
    Home: () => go(items()[0]),
    End: () => go(items().at(-1)),
    ArrowRight: item => {
      const state = item.getAttribute('aria-expanded')
      if (state === 'false') return open(item)
      if (state === 'true') step(item, 1)
    },
    ArrowLeft: item => {
      if (item.getAttribute('aria-expanded') === 'true' && branch(item)) return close(item)
      go(item.closest('ul')?.closest('li')?.querySelector('[role=treeitem]'))
    },
  }
  root.addEventListener('keydown', event => {
    const item = event.target.closest('[role=treeitem]')
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return
    if (keys[event.key]) {
      event.preventDefault()
      keys[event.key](item)
    } else if (event.key.length === 1 && event.key !== ' ') search(item, event.key)
  })
  root.addEventListener('click', event => {
    const item = event.target.closest('[data-more]')
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    more(item)
  })
}
