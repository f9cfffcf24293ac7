/** The contracts that every implementation keeps, run against the real ones. */
package io.fallow.tests.contract;
