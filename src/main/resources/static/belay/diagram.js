// Diagrams of runbooks and phases, painted with what happened.

const viewers = new WeakMap();

export async function draw(place, xml) {
  let viewer = viewers.get(place);
  if (!viewer) {
    viewer = new window.BpmnJS({ container: place });
    viewers.set(place, viewer);
  }
  await viewer.importXML(xml);
  fit(viewer, place);
  return viewer;
}

/** As large as the place is wide, but never blown up. */
function fit(viewer, place) {
  const canvas = viewer.get('canvas');
  const { inner } = canvas.viewbox();
  place.style.height = `${Math.min(560, Math.max(200, Math.ceil(Math.min(1.2, (place.clientWidth - 20) / inner.width) * inner.height) + 70))}px`;
  canvas.resized();
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() > 1.2) canvas.zoom(1.2, 'auto');
}

const MARKS = ['done', 'active', 'failed', 'undone'];

/** activities: of this one process instance, oldest first; failing: ids of activities that failed. */
export function paint(viewer, activities, failing, badOutcome) {
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  const states = new Map();
  for (const a of activities) {
    const before = states.get(a.activityId);
    const lost = a.cancelled || /^End_(Failed|Aborted|TimedOut)/.test(a.activityId);
    const state = !a.end ? 'active' : lost ? 'failed' : 'done';
    states.set(a.activityId, before === 'active' ? before : state);
  }
  badOutcome.forEach((id) => states.set(id, 'failed'));
  failing.forEach((id) => states.set(id, 'failed'));
  elements.forEach((element) => {
    MARKS.forEach((mark) => canvas.removeMarker(element, mark));
    if (element.type === 'bpmn:CallActivity') canvas.addMarker(element, 'callable');
    const host = element.type === 'bpmn:BoundaryEvent' && element.host;
    if (host) {
      element.outgoing.filter((edge) => edge.type === 'bpmn:Association').forEach((edge) => {
        if (states.get(edge.target.id) === 'done') states.set(host.id, 'undone');
      });
    }
  });
  states.forEach((state, id) => { if (elements.get(id)) canvas.addMarker(id, state); });
}

for (const place of document.querySelectorAll('.diagram[data-model]')) {
  fetch(place.dataset.model, { credentials: 'same-origin' }).then((answer) => answer.text()).then((xml) => draw(place, xml));
}
