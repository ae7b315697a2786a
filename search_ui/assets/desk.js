// Keys of the inbox and the sum of an estimate. Without script every row is a link and every act a button.

const rows = [...document.querySelectorAll('[data-row]')]
const keys = document.querySelector('.keys')
if (rows.length && keys) {
  keys.hidden = false
  let at = -1
  const go = to => {
    rows[at]?.classList.remove('at')
    at = Math.min(Math.max(to, 0), rows.length - 1)
    rows[at].classList.add('at')
    rows[at].querySelector('.matter a').focus()
    rows[at].scrollIntoView({ block: 'nearest' })
  }
  document.addEventListener('focusin', event => {
    const row = event.target.closest?.('[data-row]')
    if (!row) return
    rows[at]?.classList.remove('at')
    at = rows.indexOf(row)
    row.classList.add('at')
  })
  document.addEventListener('keydown', event => {
    const typing = event.target.closest?.('textarea, select, input:not([type="checkbox"])')
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'j') go(at + 1)
    else if (event.key === 'k') go(at - 1)
    else if (event.key === 'x' && at >= 0) {
      const box = rows[at].querySelector('.tick input')
      box.checked = !box.checked
    } else if (event.key === 'Enter' && at >= 0 && event.target.matches('body, .tick input')) {
      rows[at].querySelector('.matter a').click()
    } else return
    event.preventDefault()
  })
}

const quote = document.querySelector('[data-act="quote"]')
if (quote) {
  const sum = quote.querySelector('.sum')
  const add = () => {
    let total = 0
    for (const row of quote.querySelectorAll('tbody tr')) {
      const [, , count, price, off] = [...row.querySelectorAll('input')].map(each => each.value.trim().replaceAll(',', ''))
      total += price ? Number(count || 1) * Number(price) - Number(off || 0) : 0
    }
    sum.hidden = !Number.isFinite(total) || total === 0
    sum.querySelector('output').value = total.toFixed(2)
  }
  quote.addEventListener('input', add)
  add()
}
