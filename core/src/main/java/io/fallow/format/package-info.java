/** What a device can hold, and the contracts that every filesystem and volume layer keeps. */
package io.fallow.format;
