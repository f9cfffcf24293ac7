/**
 * Image files on the host: read, written, punched and locked through Linux's own calls, which the
 * JDK does not offer.
 */
package io.fallow.host;
