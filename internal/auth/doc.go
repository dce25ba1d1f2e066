// Package auth lets in who knows the operator token.
//
// An Authenticator lies around an http.Handler. Programs show the token with each request,
// as a bearer (RFC 6750); browsers show it once, on a page of its own, and then carry the
// cookie of a session, which Redis keeps. A few patterns are open to all.
//
//	request ─► open pattern? ──────────────────────────────► next
//	           bearer? ─► right? ──────────────────────────► next
//	                      failures: too many? ─────────────► 429, late; else 401
//	           a foreign name of loopback? ────────────────► 421
//	           cookie? ─► sessions (Redis): known? ────────► next
//	           neither: a browser to /login, a program a 401
//
// A bearer that is not the operator token is for Options.Find to know. The package
// knows nothing of users, nothing of what lies behind it, and nothing of pages of
// other sites: http.CrossOriginProtection, which the caller
// puts around it, keeps those from using a browser's session.
package auth
