/**
 * What people do to a run: start, abort, retry and override ({@link
 * io.belay.engine.control.RunControl}), and answer its tasks ({@link
 * io.belay.engine.control.TaskForms}). None of it exposes a type of the engine.
 */
@org.springframework.modulith.NamedInterface("control")
package io.belay.engine.control;
