package main

import "testing"

func TestE2E_turns(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	heyq(t, environ, "turns", "list").wantOK(t).want(t, 0, "nothing waits")
	heyq(t, environ, "turns", "set", "ada", "--weight", "2.5", "--slots", "3").wantOK(t).want(t, 0, "ada", "2.5", "3")
	heyq(t, environ, "turns", "set", "bob", "--weight", "0").want(t, 2, "weight", "0.01 to 100")
	heyq(t, environ, "turns", "list").wantOK(t).want(t, 0, "ada", "2.5", "at most", "page 1 of 1, 1 user")
	heyq(t, environ, "turns", "set", "ada").wantOK(t).want(t, 0, "ada", "all")
}
