package shop

// department is a root of the category tree with the words for everything sold in it.
type department struct {
	name      string
	brands    []string
	materials []string
	uses      []string // "... made for <use>"
	features  []string // whole sentences
	sizes     []string
	aisles    []aisle
}

type aisle struct {
	name    string
	shelves []shelf
}

// shelf is a leaf of the tree: what lies on it and its prices in whole euros.
type shelf struct {
	name      string
	nouns     []string
	low, high int
}

var departments = []department{
	{
		name:   "Electronics",
		brands: []string{"Audiva", "Kestrel", "Lumen & Co", "Northwave", "Pixelsmith"},
		materials: []string{
			"anodised aluminium", "recycled ABS",
			"walnut and steel", "matte polycarbonate",
		},
		uses: []string{
			"long commutes", "small rooms", "open-plan offices",
			"late nights", "studio work",
		},
		features: []string{
			"Charges over USB-C and keeps going for a full working day.",
			"Pairs with two devices at once and switches without a click.",
			"Every part that wears can be replaced with one screwdriver.",
			"Firmware updates are signed and install overnight.",
			"A hardware switch turns the microphone off for good.",
		},
		sizes: []string{"Standard", "Compact", "Pro"},
		aisles: []aisle{
			{"Audio", []shelf{
				{"Headphones", []string{"Headphones", "Over-Ear Headphones", "Earbuds"}, 39, 399},
				{"Speakers", []string{"Bookshelf Speaker", "Soundbar", "Portable Speaker"}, 49, 649},
				{"Turntables", []string{"Turntable", "Belt-Drive Turntable"}, 149, 899},
			}},
			{"Computing", []shelf{
				{"Keyboards", []string{"Mechanical Keyboard", "Low-Profile Keyboard"}, 59, 229},
				{"Monitors", []string{"4K Monitor", "Ultrawide Monitor", "Portable Monitor"}, 179, 1199},
			}},
		},
	},
	{
		name:   "Home & Kitchen",
		brands: []string{"Brasserie 12", "Fjordhus", "Maison Clair", "Oak & Ember", "Tidewater"},
		materials: []string{
			"enamelled cast iron", "brushed steel", "oiled oak",
			"stoneware", "washed linen",
		},
		uses: []string{
			"slow Sundays", "small kitchens", "big families",
			"quiet mornings", "long dinners",
		},
		features: []string{
			"Goes from the hob to the oven to the table.",
			"Safe in the dishwasher, though it rarely needs one.",
			"Stacks flat when it is not in use.",
			"The finish gets better with the years.",
			"Tested for 10,000 openings, closings and the odd fall.",
		},
		sizes: []string{"Small", "Medium", "Large"},
		aisles: []aisle{
			{"Kitchen", []shelf{
				{"Cookware", []string{"Casserole", "Saute Pan", "Stockpot", "Griddle"}, 29, 289},
				{"Coffee", []string{"Coffee Grinder", "Pour-Over Set", "Espresso Machine"}, 24, 899},
				{"Knives", []string{"Chef's Knife", "Paring Knife", "Bread Knife"}, 19, 249},
			}},
			{"Living", []shelf{
				{"Lighting", []string{"Floor Lamp", "Pendant Light", "Table Lamp"}, 35, 449},
				{"Bedding", []string{"Duvet Cover", "Pillow", "Wool Blanket"}, 25, 279},
			}},
		},
	},
	{
		name:   "Fashion",
		brands: []string{"Atelier Nord", "Harbour & Sons", "Loom", "Merino Works", "Via Sette"},
		materials: []string{
			"organic cotton", "merino wool", "waxed canvas",
			"recycled nylon", "full-grain leather",
		},
		uses: []string{
			"wet autumns", "city bikes", "office days",
			"cold platforms", "weekend trips",
		},
		features: []string{
			"Two inside pockets, one of which closes.",
			"Cut with room for a jumper underneath.",
			"Sewn in Porto by people who are named on the label.",
			"Washes at 30 degrees and keeps its shape.",
			"Spare buttons come sewn in, repairs are free for two years.",
		},
		sizes: []string{"XS", "S", "M", "L", "XL"},
		aisles: []aisle{
			{"Clothing", []shelf{
				{"Jackets", []string{"Rain Jacket", "Field Jacket", "Parka"}, 79, 429},
				{"Knitwear", []string{"Crew-Neck Jumper", "Cardigan", "Roll-Neck"}, 49, 219},
				{"Shirts", []string{"Oxford Shirt", "Overshirt", "Linen Shirt"}, 35, 149},
			}},
			{"Accessories", []shelf{
				{"Bags", []string{"Tote Bag", "Messenger Bag", "Weekender"}, 45, 379},
				{"Watches", []string{"Automatic Watch", "Field Watch", "Solar Watch"}, 89, 899},
			}},
		},
	},
	{
		name:      "Sports & Outdoor",
		brands:    []string{"Alpenglow", "Cairn", "Ridgeline", "Sarek", "Veloce"},
		materials: []string{"ripstop nylon", "carbon fibre", "aluminium 7075", "recycled polyester"},
		uses: []string{
			"early starts", "shoulder seasons", "gravel roads",
			"three-day hikes", "winter rides",
		},
		features: []string{
			"Packs down to the size of a water bottle.",
			"Seams are taped and tested under a shower for 24 hours.",
			"Reflective details show from 200 metres.",
			"Weighs less than the guidebook.",
			"Sets up with gloves on, in the dark, in the rain.",
		},
		sizes: []string{"S", "M", "L"},
		aisles: []aisle{
			{"Cycling", []shelf{
				{"Bike Lights", []string{"Front Light", "Rear Light", "Light Set"}, 19, 139},
				{"Helmets", []string{"Road Helmet", "Commuter Helmet", "Gravel Helmet"}, 49, 259},
			}},
			{"Mountain", []shelf{
				{"Tents", []string{"Two-Person Tent", "Trekking Tent", "Tarp"}, 99, 749},
				{"Sleeping Bags", []string{"Down Sleeping Bag", "Summer Sleeping Bag"}, 69, 529},
				{"Backpacks", []string{"Daypack", "Trekking Pack", "Rolltop Pack"}, 59, 329},
			}},
		},
	},
	{
		name:   "Garden & DIY",
		brands: []string{"Anvil", "Greenhand", "Hollis", "Spindle", "Werkstatt"},
		materials: []string{
			"forged steel", "ash wood", "galvanised steel",
			"terracotta", "impact-proof nylon",
		},
		uses: []string{"balconies", "clay soil", "first workshops", "heavy use", "old houses"},
		features: []string{
			"Balanced so that the tool does the work.",
			"Takes the same battery as everything else in the range.",
			"Frost-proof down to minus 25 degrees.",
			"Hangs on one nail.",
			"Sharpens in five strokes; the stone is in the box.",
		},
		sizes: []string{"Compact", "Full-Size"},
		aisles: []aisle{
			{"Garden", []shelf{
				{"Planters", []string{"Planter", "Raised Bed", "Hanging Planter"}, 14, 189},
				{"Hand Tools", []string{"Pruning Shears", "Trowel", "Border Spade"}, 12, 99},
				{"Watering", []string{"Watering Can", "Hose Reel", "Drip Kit"}, 15, 159},
			}},
			{"Workshop", []shelf{
				{"Power Tools", []string{"Cordless Drill", "Orbital Sander", "Jigsaw"}, 59, 459},
				{"Tool Storage", []string{"Tool Chest", "Tool Roll", "Wall Rack"}, 25, 349},
			}},
		},
	},
	{
		name:      "Office & Paper",
		brands:    []string{"Blauw", "Folio", "Kontor", "Quire", "Sedan"},
		materials: []string{"recycled paper", "brass", "birch plywood", "cork", "powder-coated steel"},
		uses: []string{
			"meeting-heavy weeks", "left-handers", "home offices",
			"journals", "shared desks",
		},
		features: []string{
			"Lies flat on the first page and on the last.",
			"Refills are a standard size, from us or from anybody.",
			"Made from offcuts of our own workshop.",
			"Adjusts without tools.",
			"Takes fountain-pen ink without feathering.",
		},
		sizes: []string{"A5", "A4"},
		aisles: []aisle{
			{"Writing", []shelf{
				{"Pens", []string{"Fountain Pen", "Rollerball", "Mechanical Pencil"}, 9, 189},
				{"Notebooks", []string{"Dotted Notebook", "Ruled Notebook", "Sketchbook"}, 8, 49},
				{"Planners", []string{"Weekly Planner", "Wall Planner", "Desk Calendar"}, 12, 59},
			}},
			{"Desk", []shelf{
				{"Desk Organisers", []string{"Pen Tray", "Monitor Stand", "Letter Rack"}, 15, 129},
				{"Office Chairs", []string{"Task Chair", "Mesh Chair", "Kneeling Chair"}, 129, 949},
			}},
		},
	},
}

var (
	series = []string{
		"Aero", "Arden", "Atlas", "Borealis", "Cadence", "Calla", "Delta", "Drift", "Echo", "Ember",
		"Fern", "Flint", "Halo", "Harbor", "Indigo", "Juniper", "Kite", "Lark", "Linea", "Meridian",
		"Mistral", "Nimbus", "Nova", "Onda", "Orbit", "Pebble", "Petrel", "Quill", "Ripple", "Sable",
		"Solstice", "Sparrow", "Tern", "Timber", "Umbra", "Vesper", "Willow", "Yarrow", "Zenith", "Zephyr",
	}
	colors  = []string{"Black", "Chalk", "Forest", "Ink", "Ochre", "Rust", "Sand", "Slate"}
	origins = []string{"Denmark", "France", "Germany", "Italy", "Netherlands", "Portugal", "Sweden"}

	closings = []string{
		"Comes with a two-year guarantee and thirty days to change your mind.",
		"Ships in a box without plastic.",
		"Spare parts stay available for ten years.",
		"Made in small batches, so colours vary a little.",
	}
)
