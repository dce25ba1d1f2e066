package people

import "strings"

// commonest are passwords of 12 characters and more that guessers try first, in small
// letters: those of the lists of leaked ones, and the obvious ones for heyq.
var commonest = func() map[string]bool {
	list := map[string]bool{}
	for word := range strings.FieldsSeq(`
		000000000000 111111111111 123123123123 123321123321 1234512345123 123456123456 123456654321 1234567890123 12345678901234
		123456789012 12345678910111 123456789101112 123456789987654321 1234567891011 123456789abc 123456789qwe 121212121212 123412341234
		098765432109 987654321098 987654321123 a123456789012 aaaaaaaaaaaa aaaaaaaaaaaaa abcabcabcabc abcd1234abcd abcdefghijkl abcdefghijklm abcdefg12345
		abc123abc123 abc123456789 administrator administrator1 asdfasdfasdf asdfghjkl123 asdfghjkl1234 asdfghjklzxcvbnm basketball12 changeme1234
		changemechangeme correcthorsebatterystaple correct-horse-battery-staple heyqheyqheyq heyqpassword heyq12345678 hellohellohello iloveyou1234
		iloveyouiloveyou letmeinletmein letmein12345 monkeymonkey mypassword12 mypassword123 mypassword1234 p@ssw0rd1234 p@ssword1234 passw0rd1234 password0000 password1111
		password12345 password123456 password1234 password123! password1234! passwordpassword password2024 password2025 password2026 passwordabcd pokemonpokemon
		princess1234 q1w2e3r4t5y6 q1w2e3r4t5y6u7 qazwsxedcrfv qazwsxedcrfvtgb qwer1234qwer qwerasdfzxcv qwerqwerqwer qwerty123456 qwertyqwerty qwertyuiop12
		qwertyuiop123 qwertyuiop1234 qwertyuiopas qwertyuiopasdf qwertyuiopasdfghjkl qwertyuiop[] superman1234 sunshine1234 testtesttest test12345678
		unknownunknown welcome12345 welcome123456 welcome1234! welcomewelcome zaq12wsxcde3 zxcvbnm12345 zxcvbnmasdfgh zxcvbnmasdfghjkl 1q2w3e4r5t6y 1q2w3e4r5t6y7u
		1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc 1qaz1qaz1qaz 11112222333344445555 112233445566 147258369147 147147147147 159159159159 222222222222 666666666666
		777777777777 888888888888 999999999999`) {
		list[word] = true
	}
	return list
}()
