package config

// NewSecretURL is what a variable holds after Load.
func NewSecretURL(value string) SecretURL { return SecretURL{value} }
