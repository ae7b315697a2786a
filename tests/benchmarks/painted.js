// When is it on the screen? Watches the page from its very beginning; what is waited for is said in `benchWanted`
// ({selector, text}), in a page's first script or later by `benchAsk`. The answer is the time after the frame in which it is
// painted, in ms since navigation began.
(() => {
  let answer
  window.benchPainted = new Promise((resolve) => { answer = resolve })
  const there = ({ selector, text }) => {
    const found = document.querySelector(selector)
    return found && (!text || found.textContent.includes(text))
  }
  const look = () => {
    if (!window.benchWanted || !there(window.benchWanted)) return
    window.benchWanted = null
    requestAnimationFrame(() => {
      const after = new MessageChannel()
      after.port1.onmessage = () => answer(performance.now())
      after.port2.postMessage(null)
    })
  }
  window.benchAsk = (wanted) => {
    window.benchPainted = new Promise((resolve) => { answer = resolve })
    window.benchWanted = wanted
  }
  window.benchLoad = () => new Promise((resolve) => new PerformanceObserver((list) => {
    const first = list.getEntriesByName('first-contentful-paint')[0]
    if (first) resolve({ first: first.startTime, requests: performance.getEntriesByType('resource').length + 1 })
  }).observe({ type: 'paint', buffered: true }))
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
  // The legs of an answer: Enter, the first message sent after it, the last one received before it is painted.
  let legs = {}
  window.benchLegs = (painted) => ({ sending: legs.sent - legs.enter, server: legs.received - legs.sent, painting: painted - legs.received, all: painted - legs.enter })
  document.addEventListener('keydown', (event) => { if (event.key === 'Enter') legs = { enter: event.timeStamp } }, true)
  const heard = new WeakSet(), send = WebSocket.prototype.send
  WebSocket.prototype.send = function (...message) {
    legs.sent ??= performance.now()
    if (!heard.has(this)) this.addEventListener('message', () => { if (window.benchWanted) legs.received = performance.now() })
    heard.add(this)
    return send.apply(this, message)
  }
})()
