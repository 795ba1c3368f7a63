// Package need has the tests of tools/need, which installs what the tests need.
package need
