// On narrow screens the filters of a theme's results are folded: the hits come first. Without script they stand open.
const filters = document.querySelector('details.narrow-down')
if (filters && matchMedia('(max-width: 767px)').matches) filters.open = false
