/** A world that misbehaves: what tests put in the place of a system, or between it and Belay. */
package io.belay.faults;
