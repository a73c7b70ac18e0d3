// The first page: stores as the API has them, looked at every two seconds.
const element = (id) => document.getElementById(id);
const user = element('user');
let open = new URLSearchParams(location.search).get('store');

user.value = localStorage.getItem('user') ?? '';
user.addEventListener('change', () => { localStorage.setItem('user', user.value.trim()); refresh(); });

async function api(method, path, body) {
  const headers = user.value.trim() ? { 'X-User-Id': user.value.trim() } : {};
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

function problem(text) {
  element('problem').hidden = !text;
  element('problem').textContent = text ?? '';
}

// Makes an element; text is always text, never markup.
function make(tag, { text, className, onclick, href, title } = {}, children = []) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  if (onclick) made.addEventListener('click', onclick);
  if (href) { made.href = href; made.rel = 'noopener'; made.target = '_blank'; }
  if (title) made.title = title;
  made.append(...children);
  return made;
}

function row(store) {
  const step = store.provisioningSteps.filter((step) => step.completed).length;
  const status = store.status === 'provisioning' ? `provisioning ${step}/5` : store.status;
  const actions = [make('button', { text: 'Details', onclick: () => show(store.id) })];
  if (store.status === 'failed') actions.push(make('button', { text: 'Retry', onclick: () => act('POST', `/api/stores/${store.id}/retry`) }));
  if (store.status !== 'deleting') actions.push(make('button', { text: 'Delete', className: 'danger', onclick: () => confirmDelete(store) }));
  return make('tr', {}, [
    make('td', { text: store.name }),
    make('td', {}, [make('span', { text: status, className: store.status }), ...(store.errorMessage ? [make('div', { text: store.errorMessage, className: 'failed' })] : [])]),
    make('td', { text: store.engine === 'medusa' ? 'Medusa' : 'WooCommerce' }),
    make('td', { text: store.namespace }),
    make('td', {}, store.url ? [make('a', { text: store.url, href: store.url })] : []),
    make('td', {}, actions),
  ]);
}

function list(title, items) {
  return [make('h3', { text: title }), items.length ? make('ul', {}, items) : make('p', { text: 'Nothing yet.', className: 'quiet' })];
}

async function showDetail() {
  const panel = element('detail');
  panel.hidden = !open;
  if (!open) return;
  try {
    const { store } = await api('GET', `/api/stores/${open}`);
    const quota = store.quotas;
    panel.replaceChildren(
      make('h2', { text: `${store.name} · ${store.status}` }),
      make('button', { text: 'Close', onclick: () => show(null) }),
      make('h3', { text: 'Progress' }),
      make('ol', {}, store.provisioningSteps.map((step) => make('li', { text: `${step.completed ? '✓' : '○'} ${step.label}${step.error ? `: ${step.error}` : ''}`, className: step.completed ? 'done' : step.error ? 'failed' : '' }))),
      make('p', { className: 'quiet', text: `${store.engineVersion || 'version not known yet'} · ${store.podsRunning}/${store.replicas} pods · ${store.podRestarts} restarts · CPU ${quota.cpuUsed}/${quota.cpuLimit} · memory ${quota.memUsed}/${quota.memLimit} · volumes ${quota.pvcUsed}/${quota.pvcLimit}` }),
      ...list('Resources', store.resources.map((resource) => make('li', { text: `${resource.kind} ${resource.name}: ${resource.status} ${resource.replicas ?? ''} (${resource.age})` }))),
      ...list('Events', store.events.slice(-40).reverse().map((event) => make('li', { text: `${new Date(event.timestamp).toLocaleTimeString()} ${event.message}`, className: event.type }))),
      make('h3', { text: 'Config' }),
      make('pre', { text: store.configYaml || 'Not installed yet.' }),
    );
  } catch (error) {
    if (error.status === 404) show(null);
  }
}

function show(id) {
  open = id;
  history.replaceState(null, '', id ? `?store=${id}` : location.pathname);
  showDetail();
}

async function act(method, path, body) {
  try {
    await api(method, path, body);
    problem(null);
  } catch (error) {
    problem(error.message);
  }
  await refresh();
}

function confirmDelete(store) {
  const dialog = element('confirm');
  const typed = dialog.querySelector('input');
  const button = dialog.querySelector('[value=delete]');
  dialog.querySelector('strong').textContent = store.name;
  typed.value = '';
  button.disabled = true;
  typed.oninput = () => { button.disabled = typed.value.trim() !== store.name; };
  dialog.onclose = () => { if (dialog.returnValue === 'delete' && !button.disabled) act('DELETE', `/api/stores/${store.id}`); };
  dialog.returnValue = '';
  dialog.showModal();
}

element('create').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  await act('POST', '/api/stores', { name: form.elements.name.value, engine: form.elements.engine.value });
  if (element('problem').hidden) form.elements.name.value = '';
});

let shown = '';
let offline = false;
async function refresh() {
  try {
    const [{ stores }, me] = await Promise.all([api('GET', '/api/stores'), api('GET', '/api/me')]);
    const use = me.userId ? me.stores : me.total;
    element('quota').textContent = `${use.used} of ${use.limit} stores`;
    element('empty').hidden = stores.length > 0;
    element('stores').hidden = stores.length === 0;
    const now = JSON.stringify(stores);
    if (now !== shown) element('stores').tBodies[0].replaceChildren(...stores.map(row));
    shown = now;
    if (offline) problem(null);
    offline = false;
    await showDetail();
  } catch (error) {
    offline = true;
    problem(error.status ? error.message : 'The API cannot be reached; this page goes on trying.');
  }
}

refresh();
setInterval(refresh, 2000);
