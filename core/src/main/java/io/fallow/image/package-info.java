/** Files of the host that hold a guest's disk. */
package io.fallow.image;
