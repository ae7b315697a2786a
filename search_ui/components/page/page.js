// What Streamlit leaves undone in a page: language, landmarks, current page, focus and scroll position after navigation, a spoken
// count, the words no parameter reaches - and links that change the address without loading everything again.
// Runs once per rerun, last of all. What must survive a rerun lives in one object on window.

const MAIN = '[data-testid="stMain"]'
const main = () => document.querySelector(MAIN)
const all = (selector) => [...document.querySelectorAll(selector)]
const here = () => location.pathname + location.search
const texts = (element) => { const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = []; while (walk.nextNode()) found.push(walk.currentNode); return found }
const sameScreen = (path) => path === location.pathname || (path === '/search' && location.pathname === '/')
const keyOf = (element) => element ? element.dataset.key ?? element.dataset.filter : null
const plain = (event) => !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)

class Page {
  constructor() {
    this.send = () => {}
    this.wanted = null
    this.anew = false
    this.act = () => {}
    this.alert = ''
    this.address = null
    this.path = null
    this.back = ['back_forward', 'reload'].includes(performance.getEntriesByType('navigation')[0]?.type)
    this.from = null
    this.focusKey = null
    document.addEventListener('click', (event) => this.clicked(event))
    document.addEventListener('change', (event) => this.changed(event))
    document.addEventListener('toggle', (event) => { if (event.target.matches?.('[data-more]')) this.unfold(event.target) }, true)
    document.addEventListener('submit', (event) => this.submitted(event))
    document.addEventListener('focusin', (event) => { this.focusKey = keyOf(event.target.closest?.('[data-key], [data-filter]')) })
    document.addEventListener('scroll', (event) => { if (event.target === main()) this.remember(event.target.scrollTop) }, { capture: true, passive: true })
    window.addEventListener('popstate', () => { this.back = true })
    const app = document.querySelector('.stApp')
    new MutationObserver(() => this.reconnected(app)).observe(app, { attributeFilter: ['data-test-connection-state'] })
    new MutationObserver(() => this.settled(app)).observe(app, { attributeFilter: ['data-test-script-state'] })
  }

  // A server that was started anew does not know what the links and buttons of this page do until it has drawn the page once:
  // without this, the first of them would be pressed in vain. Where one wanted to go meanwhile, one goes then.
  reconnected(app) {
    if (app.dataset.testConnectionState !== 'CONNECTED') return
    this.anew = true
    this.act('again')
  }

  settled(app) {
    if (app.dataset.testScriptState !== 'notRunning' || app.dataset.testConnectionState !== 'CONNECTED') return
    const missed = this.anew && this.wanted
    this.anew = false
    this.wanted = null
    if (missed && missed !== here()) this.send(missed)
  }

  clicked(event) {
    const target = event.target.closest('a[data-go], [data-years], [data-act], [data-field], [data-open], [data-close], [data-collect]')
    if (!target) { this.closeMenus(event); return }
    if (target.dataset.open) return this.open(target)
    if (target.dataset.collect) return this.collect(target)
    if ('close' in target.dataset) return this.drawer?.close()
    if (target.dataset.years) return this.go(target, this.between(...target.dataset.years.split(' ')))
    if (target.dataset.act) return this.act(target.dataset.act)
    if (target.dataset.field) { event.preventDefault(); return this.toField(target.dataset.field) }
    if (!plain(event) || !sameScreen(target.pathname)) return
    event.preventDefault()
    this.go(target, target.getAttribute('href'))
  }

  changed(event) {
    const target = event.target
    if (target.matches('input[data-filter]')) this.go(target, this.filtered(target.dataset.filter, target.checked))
    else if (target.matches('select[data-go]')) this.go(target, target.value)
  }

  submitted(event) {
    const form = event.target
    if (!form.matches('form[data-go], form[data-to], form[data-box]')) return
    event.preventDefault()
    if ('box' in form.dataset) return this.ask(form.elements.q.value)
    if (form.dataset.to) return location.assign(form.dataset.to + encodeURIComponent(new FormData(form).get('value').trim()))
    const address = new URL(form.dataset.go, location.href)
    for (const [name, value] of new FormData(form)) value.trim() ? address.searchParams.set(name, value.trim()) : address.searchParams.delete(name)
    this.go(form, address.pathname + address.search)
  }

  // A hit is collected without leaving the list; where that fails, the basket says why.
  async collect(button) {
    const form = document.querySelector('#collect')
    const body = new URLSearchParams({ csrf: form.elements.csrf.value, record: button.dataset.collect })
    const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } }).catch(() => null)
    if (answer?.status !== 201) return location.assign('/basket')
    const { said, basket } = await answer.json()
    button.textContent = said
    button.disabled = true
    for (const list of document.querySelectorAll('.masthead .links, .menu.phone ul')) {
      let way = list.querySelector('a[href="/basket"]')
      if (!way) {
        way = document.createElement('a')
        way.href = '/basket'
        list.append(list.matches('ul') ? document.createElement('li') : way)
        if (list.matches('ul')) list.lastChild.append(way)
      }
      way.textContent = basket
    }
  }

  // New words keep filters, years and order; the pages start again, and what was said of the old words is over.
  ask(text) {
    const parameters = new URLSearchParams(location.search)
    for (const name of ['page', 'lang', 'plain', 'fold']) parameters.delete(name)
    text.trim() ? parameters.set('q', text) : parameters.delete('q')
    this.from = 'new'
    this.send('/search?' + parameters)
  }

  // The address within other years.
  between(first, last) {
    const parameters = new URLSearchParams(location.search)
    for (const name of ['page', 'lang']) parameters.delete(name)
    parameters.set('from', first)
    parameters.set('to', last)
    return '/search?' + parameters
  }

  // The address with a filter added or taken back; the pages start again.
  filtered(filter, wanted) {
    const parameters = new URLSearchParams(location.search), others = parameters.getAll('f').filter((other) => other !== filter)
    for (const name of ['f', 'page', 'lang']) parameters.delete(name)
    for (const one of wanted ? [...others, filter] : others) parameters.append('f', one)
    return '/search?' + parameters
  }

  // The rarer values of a facet come as data and are built when asked for.
  unfold(details) {
    if (!details.open || details.querySelector('ul')) return
    const list = document.createElement('ul')
    list.setAttribute('aria-live', 'polite')
    this.fill(list, details.dataset.more)
    if (details.dataset.find) details.append(this.finder(details, list))
    details.append(list)
  }

  // A list of values from lines of filter, count and, where it is not the value itself, label.
  fill(list, rows) {
    list.replaceChildren(...rows.split('\n').filter(Boolean).map((row) => {
      const [filter, count, label = filter.slice(filter.indexOf(':') + 1)] = row.split('\t')
      const item = document.createElement('li'), line = document.createElement('label'), box = document.createElement('input')
      box.type = 'checkbox'
      box.dataset.filter = filter
      line.append(box, `${label} (${count})`)
      item.append(line)
      return item
    }))
  }

  // The field in which values are found that the answer has no room for.
  finder(details, list) {
    const field = document.createElement('input')
    Object.assign(field, { type: 'search', placeholder: details.dataset.label, maxLength: 100 })
    field.setAttribute('aria-label', details.dataset.label)
    let waiting
    field.addEventListener('input', () => {
      clearTimeout(waiting)
      waiting = setTimeout(() => this.find(details, list, field), 200)
    })
    return field
  }

  async find(details, list, field) {
    const typed = field.value.trim(), name = details.dataset.find
    if (!typed) return this.fill(list, details.dataset.more)
    const parameters = new URLSearchParams([...new URLSearchParams(location.search)].map(([key, value]) => [key === 'f' ? 'filter' : key, value]))
    parameters.set('value', typed)
    const answer = await fetch(`/api/v1/facets/${name}?${parameters}`).catch(() => null)
    if (!answer?.ok || field.value.trim() !== typed) return
    const values = await answer.json(), clean = (text) => String(text).replace(/[\t\n]/g, ' ')
    this.fill(list, values.map((one) => `${name}:${clean(one.value)}\t${one.count}\t${clean(one.label)}`).join('\n'))
    if (!values.length) list.append(Object.assign(document.createElement('li'), { textContent: details.dataset.none }))
  }

  go(element, address) {
    this.from = element.closest('[data-keep]') ? 'keep' : element.closest('[data-to-top]') ? 'top' : 'new'
    this.send(address)
  }

  closeMenus(event) {
    for (const menu of all('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false
  }

  // The facets of a narrow screen: the same node, shown in a modal dialog, which brings focus trap, Esc and backdrop with it.
  open(button) {
    if (!this.drawer) {
      this.drawer = document.createElement('dialog')
      this.drawer.className = 'drawer'
      this.drawer.addEventListener('close', () => this.drawer.replaceChildren())
      document.querySelector('.stApp').append(this.drawer)
    }
    this.fillDrawer(button.dataset.open)
    this.drawer.showModal()
  }

  fillDrawer(id) {
    const source = document.getElementById(id)
    if (!source) return this.drawer.close()
    const copy = source.cloneNode(true)
    for (const element of copy.querySelectorAll('[id]')) element.id = 'drawer-' + element.id
    for (const element of copy.querySelectorAll('[for], [aria-labelledby]'))
      for (const name of ['for', 'aria-labelledby']) if (element.hasAttribute(name)) element.setAttribute(name, 'drawer-' + element.getAttribute(name))
    copy.id = 'drawer-' + id
    this.drawer.dataset.of = id
    this.drawer.setAttribute('aria-label', source.getAttribute('aria-label'))
    this.drawer.replaceChildren(copy)
  }

  toField(key) {
    document.querySelector(`.st-key-${CSS.escape(key)} :is(input, textarea)`)?.focus()
  }

  remember(top) {
    try { sessionStorage.setItem('top ' + here(), String(top)) } catch { /* storage is full or forbidden: nothing is lost but the place */ }
  }

  update(data, region) {
    if (data.leave && !this.back) return location.replace(data.leave)
    document.documentElement.lang = data.lang
    this.translate(data.words)
    if (region.textContent !== data.announce) region.textContent = data.announce
    if (this.drawer?.open) { const top = this.drawer.scrollTop; this.fillDrawer(this.drawer.dataset.of); this.drawer.scrollTop = top }
    const moved = this.address !== here(), left = this.path !== null && this.path !== data.path
    if (moved) { this.place(); this.address = here(); this.follow(data) }
    if (data.alert && data.alert !== this.alert) this.focusOn(document.querySelector('[data-alert]'), true)
    else this.focus(left)
    this.alert = data.alert
    this.path = data.path
    this.back = false
    this.from = null
    this.rest()
  }

  // What says that search rests looks again by itself, and goes on once search is back; what is being typed stays.
  rest() {
    clearTimeout(this.resting)
    const told = document.querySelector('[data-resting]')
    if (told) this.resting = setTimeout(() => this.look(), Number(told.dataset.resting) * 1000)
  }

  async look() {
    const answer = document.hidden ? null : await fetch('/health').catch(() => null)
    const health = await answer?.json().catch(() => null)
    health?.search === 'ok' ? this.send(here()) : this.rest()
  }

  place() {
    const kept = Number(sessionStorage.getItem('top ' + here()))
    if (this.back && kept) return this.restore(kept, 40)
    if (this.path !== null && this.from !== 'keep' && main()) main().scrollTop = 0
  }

  // What in the head follows the address: the words in the box, the same place in another language, and after signing in.
  follow(data) {
    const box = document.querySelector('[data-box]')
    if (box) box.elements.q.value = data.text
    for (const link of all('a[data-lang]')) {
      const parameters = new URLSearchParams(location.search)
      parameters.set('lang', link.dataset.lang)
      link.href = '?' + parameters
    }
    for (const link of all('a[data-sign-in]')) link.href = '/login?' + new URLSearchParams({ next: here() })
  }

  restore(top, tries) {
    const scroller = main()
    if (scroller) scroller.scrollTop = top
    if (tries > 0 && (!scroller || Math.abs(scroller.scrollTop - top) > 1)) setTimeout(() => this.restore(top, tries - 1), 50)
  }

  focus(left) {
    const lost = document.activeElement === document.body || !document.activeElement
    if (left || (this.from === 'top' && lost)) return this.focusOn(document.querySelector('h1'), true)
    if (lost && this.focusKey) {
      const scope = this.drawer?.open ? this.drawer : document
      this.focusOn([...scope.querySelectorAll('[data-key], [data-filter]')].find((e) => keyOf(e) === this.focusKey), false)
    }
  }

  focusOn(element, heading) {
    if (!element) return
    if (heading) element.tabIndex = -1
    element.focus({ preventScroll: true })
  }

  translate(words) {
    for (const e of all('[aria-label]')) { const t = words[e.getAttribute('aria-label')]; if (t) e.setAttribute('aria-label', t) }
    for (const e of all('[data-testid="stFileUploader"] button')) for (const node of texts(e)) if (words[node.data]) node.data = words[node.data]
    for (const e of all('[data-testid="stSkipToContent"]')) if (words[e.textContent]) e.textContent = words[e.textContent]
  }
}

// Markup from the server, which has escaped all that comes from data. A second net under it: what is not on these lists goes,
// and addresses lead to this house or to the web. The policy of the page forbids scripts in it besides.
const TAGS = new Set('A ARTICLE BDI BR BUTTON DETAILS DIV FORM H1 H2 H3 I IMG INPUT LABEL LI MARK NAV OPTION P SECTION SELECT SPAN SUMMARY UL'.split(' '))
const ATTRIBUTES = /^((aria|data)-[a-z-]+|alt|checked|class|height|href|id|inputmode|lang|loading|maxlength|name|rel|role|selected|size|src|style|tabindex|title|type|value|width)$/
const ADDRESS = /^(\/(?!\/)|https?:\/\/)/

function cleaned(fragment) {
  for (const element of fragment.querySelectorAll('*')) {
    if (!TAGS.has(element.tagName)) { element.remove(); continue }
    for (const { name, value } of [...element.attributes])
      if (!ATTRIBUTES.test(name) || ((name === 'href' || name === 'src') && !ADDRESS.test(value))) element.removeAttribute(name)
  }
  return fragment
}

// The hits of the first screen are painted first; those below it, and all that must know the whole page, a moment later.
const FIRST = 5
let later

function show(content, markup, finish) {
  const template = document.createElement('template'), rest = document.createDocumentFragment()
  template.innerHTML = markup
  const hits = template.content.querySelectorAll('.found > :is(article.hit, section.fonds)')
  if (hits.length > FIRST) while (hits[FIRST - 1].nextSibling) rest.append(hits[FIRST - 1].nextSibling)
  const found = hits[0]?.parentElement
  content.replaceChildren(cleaned(template.content))
  clearTimeout(later)
  const complete = () => {
    if (content.markup !== markup) return
    found?.append(cleaned(rest))
    named(content)
    finish()
  }
  if (rest.childNodes.length) requestAnimationFrame(() => { later = setTimeout(complete) })
  else complete()
}

// What a button of a hit does is only clear with the title of the hit.
function named(content) {
  content.querySelectorAll('article.hit').forEach((hit, place) => {
    hit.querySelector('h2 a').id = `hit-${place}`
    hit.querySelectorAll('.acts a').forEach((act, number) => {
      act.id = `act-${place}-${number}`
      act.setAttribute('aria-labelledby', `${act.id} hit-${place}`)
    })
  })
}

function part(parent, className) {
  let element = parent.querySelector(`:scope > .${className}`)
  if (!element) {
    element = document.createElement('div')
    element.className = className
    parent.append(element)
  }
  return element
}

export default function (component) {
  const { setTriggerValue, parentElement } = component
  const payload = new TextDecoder().decode(component.data), line = payload.indexOf('\n')
  const page = (window.onestopPage ??= new Page())
  page.send = (address) => { page.wanted = address; setTriggerValue('go', address) }
  page.act = (act) => setTriggerValue('act', act)
  const region = part(parentElement, 'spoken'), content = part(parentElement, 'content')
  region.setAttribute('role', 'status')
  const finish = () => page.update(JSON.parse(payload.slice(0, line)), region)
  if (content.markup === payload.slice(line + 1)) return finish()
  content.markup = payload.slice(line + 1)
  show(content, content.markup, finish)
}
