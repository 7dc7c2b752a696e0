// Extends Cockpit by Belay's plugin. Everything else is as Camunda delivers it.
export default {
  customScripts: ['scripts/belay.js'],
};
