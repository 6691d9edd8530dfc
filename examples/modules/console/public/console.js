// Shows the modules that the platform runs. The platform's gateway serves /api beside these files.
const response = await fetch('/api/modules');
const modules = await response.json();

document.querySelector('#modules').replaceChildren(
  ...modules.map(({ name, version, state }) => {
    const row = document.createElement('tr');
    row.className = state;
    row.append(...[name, version, state].map((text) => Object.assign(document.createElement('td'), { textContent: text })));
    return row;
  }),
);
