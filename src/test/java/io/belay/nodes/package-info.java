/** Several Belays on one database, and agents: as processes of their own, which are killed. */
package io.belay.nodes;
