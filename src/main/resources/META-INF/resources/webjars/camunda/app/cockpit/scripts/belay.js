// Belay in Cockpit: start a run from the list of processes and from a process definition, and see
// the run page on a process instance. Plain JavaScript, no build.

const STYLE = `
.belay-start { white-space: nowrap; }
.belay-dialog { border: 0; border-radius: 10px; padding: 0; width: min(960px, 94vw); height: min(760px, 90vh); box-shadow: 0 16px 60px rgb(0 0 0 / 35%); overflow: hidden; }
.belay-dialog::backdrop { background: rgb(0 0 0 / 45%); }
.belay-dialog header { display: flex; justify-content: space-between; align-items: center; padding: 10px 16px; height: 48px; border-bottom: 1px solid #ddd; font-size: 16px; font-weight: 600; color: #333; background: #fff; }
.belay-dialog header button { border: 0; background: none; font-size: 22px; line-height: 1; cursor: pointer; color: #555; }
.belay-dialog iframe { border: 0; width: 100%; height: calc(100% - 48px); display: block; }
.belay-run iframe { border: 0; width: 100%; height: 640px; display: block; }
.belay-run p { padding: 8px 12px; margin: 0; }`;

function style() {
  if (document.getElementById('belay-style')) return;
  const element = document.createElement('style');
  element.id = 'belay-style';
  element.textContent = STYLE;
  document.head.append(element);
}

/** The application's root: /camunda is where the webapps are, Belay's pages are beside it. */
const root = () => document.querySelector('base').getAttribute('app-root').replace(/\/camunda$/, '');

async function get(path) {
  const answer = await fetch(root() + path, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  return answer.ok ? answer.json() : null;
}

/** Asked once. */
let runbooks = null;
function allRunbooks() {
  runbooks ??= get('/api/runbooks').then((all) => all || []);
  return runbooks;
}
const ofDefinition = async (definitionId) =>
  (await allRunbooks()).find((runbook) => runbook.key === definitionId.split(':')[0]);

function openDialog(runbook) {
  style();
  const dialog = document.createElement('dialog');
  dialog.className = 'belay-dialog';
  dialog.setAttribute('aria-label', `Start a run of ${runbook.name}`);
  const header = document.createElement('header');
  header.append(`Start a run: ${runbook.name}`);
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = '×';
  close.setAttribute('aria-label', 'Close');
  close.addEventListener('click', () => dialog.close());
  header.append(close);
  const form = document.createElement('iframe');
  form.title = 'Parameters of the run';
  form.src = `${root()}/runbooks/${encodeURIComponent(runbook.key)}?embedded`;
  dialog.append(header, form);
  const started = (event) => {
    if (event.origin === location.origin && event.source === form.contentWindow && event.data?.belayRun) {
      location.href = `${root()}/runs/${encodeURIComponent(event.data.belayRun)}`;
    }
  };
  window.addEventListener('message', started);
  dialog.addEventListener('close', () => { window.removeEventListener('message', started); dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
}

function button(runbook, classes, content = 'Start run') {
  const start = document.createElement('button');
  start.type = 'button';
  start.className = `belay-start ${classes}`;
  start.append(content);
  start.title = 'Start run';
  start.setAttribute('aria-label', `Start a run of ${runbook.name}`);
  start.dataset.runbook = runbook.key;
  start.addEventListener('click', (event) => {
    event.preventDefault();
    event.stopPropagation();
    openDialog(runbook);
  });
  return start;
}

async function startButton(node, definitionId, classes, content) {
  const runbook = await ofDefinition(definitionId);
  if (runbook && !node.querySelector('.belay-start')) node.append(button(runbook, classes, content));
}

export default [
  {
    id: 'belay-start-definition',
    pluginPoint: 'cockpit.processDefinition.runtime.action',
    priority: 100,
    render: (node, { processDefinitionId }) => {
      // The column of actions is as wide as an icon.
      const icon = document.createElement('span');
      icon.className = 'glyphicon glyphicon-play';
      return startButton(node, processDefinitionId, 'btn btn-default action-button', icon);
    },
  },
  {
    id: 'belay-start-list',
    pluginPoint: 'cockpit.processes.action',
    priority: 100,
    render: (node, { processDefinitionId }) => startButton(node, processDefinitionId, 'btn btn-default btn-xs'),
  },
  {
    id: 'belay-start-dashboard',
    pluginPoint: 'cockpit.dashboard',
    priority: 1000,
    render: async (node) => {
      const all = await allRunbooks();
      if (all.length === 0) return;
      const section = document.createElement('div');
      section.className = 'inner belay-runbooks';
      section.innerHTML = '<h3>Runbooks</h3><table class="table cam-table"><thead><tr><th>Name</th><th>Version</th><th>Start</th></tr></thead><tbody></tbody></table>';
      for (const runbook of all) {
        const row = section.querySelector('tbody').insertRow();
        const link = document.createElement('a');
        link.href = `${root()}/runbooks/${encodeURIComponent(runbook.key)}`;
        link.textContent = runbook.name;
        row.insertCell().append(link);
        row.insertCell().append(String(runbook.version));
        row.insertCell().append(button(runbook, 'btn btn-default btn-sm'));
      }
      node.append(section);
    },
  },
  ...['runtime', 'history'].map((view) => ({
    id: `belay-run-${view}`,
    pluginPoint: `cockpit.processInstance.${view}.tab`,
    priority: 1,
    properties: { label: 'Run' },
    render: async (node, { processInstanceId }) => {
      style();
      node.classList.add('belay-run');
      let run = await get(`/api/runs/${encodeURIComponent(processInstanceId)}`);
      if (!run) {
        const history = await get(`/camunda/api/engine/engine/default/history/process-instance/${encodeURIComponent(processInstanceId)}`);
        run = history && await get(`/api/runs/${encodeURIComponent(history.rootProcessInstanceId)}`);
      }
      const text = document.createElement('p');
      if (!run) {
        text.textContent = 'This process instance belongs to no run.';
        node.append(text);
        return;
      }
      const link = document.createElement('a');
      link.href = `${root()}/runs/${run.id}`;
      link.target = '_top';
      link.textContent = run.name;
      text.append('Run ', link, ` is ${run.status.toLowerCase().replaceAll('_', ' ')}.`);
      const page = document.createElement('iframe');
      page.title = `Run ${run.name}`;
      page.src = `${root()}/runs/${run.id}?embedded`;
      node.append(text, page);
    },
    unmount: () => {},
  })),
];
