/** The words that `random.word`, `random.name` and `random.email` draw from. */
const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export const WORDS = list(`
  acorn amber anchor apple arrow aspen atlas autumn badge bamboo barley basil beacon birch blossom bottle branch breeze
  bridge bronze brook button cabin candle canyon carbon cedar chalk cherry cinder circle clay clover coast cobalt copper
  coral corner cotton crystal daisy dawn delta desert dune eagle earth echo elm ember falcon feather fern field finch
  flame flint forest fossil fox frost galaxy garden ginger glacier globe granite grape harbor hazel heron hill honey
  horizon indigo iris island ivory ivy jade jasmine juniper kettle lagoon lantern laurel lemon lily linen lotus magnet
  mango maple marble meadow meteor mint mirror moon mosaic moss nectar nickel oak oasis ocean olive onyx opal orbit
  orchid otter paper parcel pearl pebble pepper petal pine planet plum pocket pond poppy prism quartz quill rain raven
  reed ribbon ridge river robin rose saffron sail sand shadow shell silk silver sky slate snow spark spice spring spruce
  star stone storm summer sunset thistle thunder tide timber topaz tulip tundra valley velvet violet walnut water willow
  wind winter wolf wren yarrow zephyr
`);

export const GIVEN_NAMES = list(`
  Aisha Akira Alma Amara Anders Anya Arjun Beatriz Bruno Carmen Chidi Clara Daniel Diego Elena Emeka Fatima Felix Freya
  Giulia Hana Hugo Ines Ivan Jamal Jonas June Kamal Keiko Laila Leon Lin Lucia Mateo Maya Mei Mila Nadia Noah Nora Olga
  Omar Pablo Priya Rosa Sami Sofia Tariq Theo Uma Valentina Vera Wei Yara Yusuf Zoe
`);

export const SURNAMES = list(`
  Abebe Ahmed Almeida Andersen Bauer Bianchi Castro Chen Costa Das Diaz Dubois Eriksen Fischer Garcia Haddad Hansen
  Hernandez Ibrahim Ivanova Jensen Kaya Khan Kim Kowalski Kumar Larsen Lopez Martin Meyer Moreau Mwangi Nakamura Nguyen
  Novak Okafor Oliveira Park Patel Petrov Popescu Ramos Rossi Sato Schmidt Silva Singh Suzuki Tanaka Torres Vargas Wang
  Weber Yilmaz Zhang
`);
