// Package estimate guesses how long a script takes to speak, and what that costs.
package estimate

import "time"

// charactersASecond is how fast avatars speak, more or less.
const charactersASecond = 15

// Length estimates how long it takes to speak so many characters of script.
func Length(characters int) time.Duration {
	return time.Duration(characters) * time.Second / charactersASecond
}

// Price estimates what a video costs whose script has so many characters, in US
// dollars. perSecond is the price of a second of video, in US dollars too.
func Price(characters int, perSecond float64) float64 {
	return Length(characters).Seconds() * perSecond
}
