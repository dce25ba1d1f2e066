// Package auth lets in who knows the operator token, a key, or a user's password.
//
// An Authenticator lies around an http.Handler. Programs show the token, or a key, with each
// request, as a bearer (RFC 6750); browsers log in once, on a page of its own, and then carry
// the cookie of a login, which Redis keeps. A few patterns are open to all.
//
//	request ─► open pattern? ──────────────────────────────► next
//	           bearer? ─► right? ──────────────────────────► next
//	                      failures: too many? ─────────────► 429, late; else 401
//	           a foreign name of loopback? ────────────────► 421
//	           a trusted proxy names a user? ─► Users ──────► next; else 403
//	           cookie? ─► Logins (Redis), Users: known? ───► next
//	           neither: a browser to /login, a program a 401
//
// A bearer that is not the operator token is for Options.Find to know, and whose a login is
// for Options.Users. The package knows ids of users and nothing else of them, nothing of
// what lies behind it, and nothing of pages of other sites: http.CrossOriginProtection, which
// the caller puts around it, keeps those from using a browser's login, and from logging it
// in or out.
package auth
