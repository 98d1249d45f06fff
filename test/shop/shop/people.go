package shop

type place struct{ city, country, locale, postcode, street string }

var (
	firstNames = []string{
		"Aisha", "Alan", "Amélie", "Anders", "Barbara", "Björn", "Camille", "Carlos", "Chiara", "Dennis",
		"Edsger", "Elena", "Emil", "Fatima", "Femke", "Frances", "Giulia", "Hedy", "Ines", "Jean",
		"João", "Katherine", "Lars", "Leslie", "Lotte", "Maja", "Margaret", "Mehmet", "Niklaus", "Nora",
		"Olga", "Pieter", "Radia", "Rózsa", "Sofia", "Sven", "Tim", "Vera", "Yara", "Zoë",
	}
	lastNames = []string{
		"Allen", "Andersson", "Bakker", "Bartik", "Costa", "Demir", "Dijkstra", "Dubois", "Fischer", "García",
		"Hamilton", "Hansen", "Hoare", "Holm", "Jansen", "Johnson", "Keller", "Kowalska", "Lamarr", "Lamport",
		"Liskov", "Marino", "Martin", "Moreau", "Müller", "Nielsen", "Novák", "Perlman", "Péter", "Ricci",
		"Rossi", "Santos", "Schmidt", "Silva", "Smit", "Turing", "Visser", "Weber", "Wirth", "Yılmaz",
	}
	places = []place{
		{"Amsterdam", "NL", "nl-NL", "1015 CJ", "Prinsengracht"},
		{"Berlin", "DE", "de-DE", "10115", "Torstraße"},
		{"København", "DK", "da-DK", "2200", "Nørrebrogade"},
		{"Lisboa", "PT", "pt-PT", "1200-109", "Rua da Rosa"},
		{"London", "GB", "en-GB", "W1K 6HN", "Brook Street"},
		{"Málaga", "ES", "es-ES", "29015", "Calle Larios"},
		{"Milano", "IT", "it-IT", "20121", "Via Brera"},
		{"Paris", "FR", "fr-FR", "75011", "Rue Oberkampf"},
		{"Stockholm", "SE", "sv-SE", "118 26", "Hornsgatan"},
		{"Zürich", "CH", "de-CH", "8004", "Langstrasse"},
	}

	// verdicts are what reviewers write, by rating 1 to 5.
	verdicts = [5][]verdict{
		{
			{"Broke within a week", "The first day was fine, then a seam gave up. Sent it back."},
			{"Not what I ordered", "Wrong colour, wrong size, and nobody answers the phone."},
		},
		{
			{"Disappointed", "It works, barely. For this money I expected better materials."},
			{"Would not buy again", "Heavier than it says, and the manual is a riddle."},
		},
		{
			{"Does the job", "Nothing special, nothing wrong. The photo flatters it a bit."},
			{"Mixed feelings", "Love the look, less so the smell of the first days."},
			{"Fine for the price", "You get what you pay for; delivery took its time."},
		},
		{
			{"Very good", "Solid and well made. One star off for the packaging."},
			{"Happy with it", "Three months in and still no complaint worth writing down."},
			{"Nearly perfect", "If it came in one size larger this would be five stars."},
		},
		{
			{"Exactly right", "I use it every day and it still makes me smile."},
			{"Best I have owned", "My old one lasted fifteen years; I expect this one to beat it."},
			{"Buy it", "Bought one, then another for my mother. Says it all."},
			{"Superb", "Beautiful, quiet and simple. The pictures do not do it justice."},
		},
	}
)

type verdict struct{ title, text string }
