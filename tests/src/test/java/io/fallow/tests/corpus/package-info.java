/** Images that other projects test with. */
package io.fallow.tests.corpus;
