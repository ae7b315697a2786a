// Fields for files in the words of the page: a browser's own speak its language, not the reader's. Without script they
// stay as the browser has them.
const size = bytes => bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`

export const dress = root => {
  for (const field of root.querySelectorAll('input[type=file]:not(.spoken)')) {
    const button = document.createElement('label'), chosen = document.createElement('span')
    button.className = 'button choose'
    button.htmlFor = field.id
    button.textContent = field.closest('[data-choose]').dataset.choose
    chosen.className = 'chosen small'
    field.classList.add('spoken')
    field.after(button, chosen)
    const tell = () => { chosen.textContent = [...field.files].map(file => `${file.name} · ${size(file.size)}`).join(', ') }
    field.addEventListener('change', tell)
    tell()
  }
}
