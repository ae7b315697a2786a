// Pan, zoom and turn one page image: wheel, pinch, buttons, keys. The page works without it, as a picture one scrolls.

const stage = document.querySelector('.stage')
const sheet = document.querySelector('.sheet')
const image = sheet?.querySelector('img')
const LIMITS = [0.05, 16]
const view = { x: 0, y: 0, scale: 1, turn: 0 }
const fingers = new Map()

if (stage && matchMedia('(max-width: 767px)').matches) document.querySelector('.words')?.removeAttribute('open')
document.querySelector('.ocr mark.current')?.scrollIntoView({ block: 'center' })
document.querySelector('.found [aria-current]')?.scrollIntoView({ block: 'nearest' })
addEventListener('keydown', event => {
  const way = { n: 'next', N: 'next', p: 'previous', P: 'previous' }[event.key]
  if (!way || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea')) return
  document.querySelector(`.hitnav [data-go=${way}]`)?.click()
})
if (image) {
  if (image.complete && image.naturalWidth) start()
  else image.addEventListener('load', start, { once: true })
}

function start() {
  document.querySelector('.scripted').hidden = false
  stage.classList.add('moved')
  if (!image.getAttribute('width')) image.width = image.naturalWidth
  const asked = new URLSearchParams(location.search)
  const box = asked.get('q') && sheet.querySelector('.hitbox.current')
  fit()
  if (box && (asked.get('hit') || stage.clientWidth < 768)) look(box)
  listen()
}

// The four corners of the sheet after scale and turn, to keep it within the stage.
function extent() {
  const flat = view.turn % 180 === 0
  const [w, h] = [image.offsetWidth * view.scale, image.offsetHeight * view.scale]
  return flat ? [w, h] : [h, w]
}

function draw() {
  const [w, h] = extent()
  const margin = 48
  view.x = Math.min(stage.clientWidth - margin, Math.max(margin - w, view.x))
  view.y = Math.min(stage.clientHeight - margin, Math.max(margin - h, view.y))
  const shift = { 0: [0, 0], 90: [w, 0], 180: [w, h], 270: [0, h] }[view.turn]
  sheet.style.transform = `translate(${view.x + shift[0]}px, ${view.y + shift[1]}px) rotate(${view.turn}deg) scale(${view.scale})`
}

function fit() {
  const [w, h] = extent().map(length => length / view.scale)
  view.scale = Math.min((stage.clientWidth - 32) / w, (stage.clientHeight - 32) / h)
  view.x = (stage.clientWidth - w * view.scale) / 2
  view.y = (stage.clientHeight - h * view.scale) / 2
  draw()
}

function zoom(by, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const scale = Math.min(LIMITS[1], Math.max(LIMITS[0], view.scale * by))
  view.x = x - ((x - view.x) * scale) / view.scale
  view.y = y - ((y - view.y) * scale) / view.scale
  view.scale = scale
  draw()
}

function turn() {
  view.turn = (view.turn + 90) % 360
  fit()
}

// Bring a word into the middle, large enough to read.
function look(box) {
  const spot = box.getBoundingClientRect()
  const frame = stage.getBoundingClientRect()
  const by = Math.max(1, 48 / Math.max(spot.height, 1))
  zoom(by, spot.x + spot.width / 2 - frame.x, spot.y + spot.height / 2 - frame.y)
  const now = box.getBoundingClientRect()
  view.x += frame.x + frame.width / 2 - now.x - now.width / 2
  view.y += frame.y + frame.height / 2 - now.y - now.height / 2
  draw()
}

function move(x, y) {
  view.x += x
  view.y += y
  draw()
}

const acts = { zoom: () => zoom(1.4), out: () => zoom(1 / 1.4), fit, turn }
const keys = {
  '+': acts.zoom, '=': acts.zoom, '-': acts.out, 0: fit, r: turn, R: turn,
  ArrowLeft: () => move(80, 0), ArrowRight: () => move(-80, 0), ArrowUp: () => move(0, 80), ArrowDown: () => move(0, -80),
}

function listen() {
  document.querySelector('.tools').addEventListener('click', event => acts[event.target.closest('[data-do]')?.dataset.do]?.())
  stage.addEventListener('keydown', event => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    keys[event.key]()
  })
  stage.addEventListener('wheel', event => {
    event.preventDefault()
    const frame = stage.getBoundingClientRect()
    zoom(Math.exp(-event.deltaY / 500), event.clientX - frame.x, event.clientY - frame.y)
  }, { passive: false })
  sheet.querySelectorAll('.hitbox').forEach(box => box.addEventListener('focus', () => box.matches(':focus-visible') && look(box)))
  stage.addEventListener('pointerdown', event => {
    fingers.set(event.pointerId, event)
    stage.setPointerCapture(event.pointerId)
  })
  stage.addEventListener('pointermove', drag)
  for (const end of ['pointerup', 'pointercancel']) stage.addEventListener(end, event => fingers.delete(event.pointerId))
  addEventListener('resize', fit)
}

function drag(event) {
  const before = fingers.get(event.pointerId)
  if (!before) return
  const other = [...fingers.values()].find(finger => finger.pointerId !== event.pointerId)
  fingers.set(event.pointerId, event)
  if (!other) return move(event.clientX - before.clientX, event.clientY - before.clientY)
  const apart = finger => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY)
  const frame = stage.getBoundingClientRect()
  zoom(apart(event) / Math.max(apart(before), 1), (event.clientX + other.clientX) / 2 - frame.x, (event.clientY + other.clientY) / 2 - frame.y)
}
