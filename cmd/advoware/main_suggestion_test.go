package main_test

import (
	"strings"
	"testing"
)

// What is misspelt is named, with what it may have been meant to be.
func TestMisspelt(t *testing.T) {
	for args, words := range map[string]string{
		"tokne":                             `unexpected argument tokne, did you mean "token"?`,
		"TOKEN":                             `did you mean "token"?`,
		"help vresion":                      `did you mean "version"?`,
		"GET /employees":                    `did you mean "call GET"?`,
		"--env-fiel x token":                `unknown flag --env-fiel, did you mean "--env-file"?`,
		"call GET /x --stroe memory":        `unknown flag --stroe, did you mean "--store"?`,
		"call GET /x --store=memroy":        `--store must be one of "tiered","memory","redis" but got "memroy", did you mean "memory"?`,
		"token --log-level DEBUG":           `did you mean "debug"?`,
		"token --log-format jsno --sandbox": `did you mean "json"?`,
		"completion bsh":                    `did you mean "bash"?`,
	} {
		run(t, nil, strings.Fields(args)...).wantFailure(t, 2, words, "see advoware help")
	}
	for _, args := range []string{"fetch", "-x", "call GET /x --store disk", "call GET /x --verbse-and-more", "", "help fetch"} {
		got := run(t, nil, strings.Fields(args)...)
		got.wantFailure(t, 2, "see advoware help")
		if strings.Contains(got.err, "did you mean") {
			t.Errorf("%q: %s", args, got.err)
		}
	}
}
