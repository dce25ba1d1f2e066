// Package doctor looks at everything that a heyq of an environment needs, and says
// what is wrong and what to do about it.
//
// It opens what a start would open, by functions that app hands it, and asks the heyq
// that runs, if one does. It works without any, changes nothing that matters, and
// creates nothing at HeyGen. When something is wrong the table of operate/health says.
package doctor
