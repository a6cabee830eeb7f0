using System;
using System.Globalization;

namespace Stylebridge
{
    /// <summary>Decimal text to float64 and back, right to the last bit.</summary>
    /// <remarks>
    /// The runtimes under a game engine differ: some miss the nearest float64 by one for long numbers. So the runtime's
    /// answer is only a first guess here; whole-number arithmetic then moves it to the nearest one.
    /// </remarks>
    internal static class JsonNumber
    {
        internal const int MaxChars = 400;
        private const int ExponentCap = 100000; // far outside float64; keeps sums of exponents within int
        private const long Near = 2; // steps by which a runtime's answer may be off without a longer search
        private const long MaxExact = 1L << 53;

        private static readonly string[] Formats = { "G15", "G16", "G17" };
        private static readonly double[] PowersOfTen =
        {
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
        };

        /// <summary>The nearest float64 of a number in JSON's spelling of at most MaxChars; infinite beyond.</summary>
        internal static double DoubleFromText(string text)
        {
            bool isNegative = text[0] == '-';
            var digits = new BigNatural();
            int exponent = 0;
            int significant = 0;
            bool afterPoint = false;
            int at = isNegative ? 1 : 0;
            for (; at < text.Length && text[at] != 'e' && text[at] != 'E'; at++)
            {
                if (text[at] == '.')
                {
                    afterPoint = true;
                    continue;
                }
                digits.MultiplyAdd(10, (uint)(text[at] - '0'));
                significant += significant > 0 || text[at] != '0' ? 1 : 0;
                exponent -= afterPoint ? 1 : 0;
            }
            exponent += at < text.Length ? CappedInteger(text, at + 1) : 0;
            double number = Nearest(text.TrimStart('-'), digits, significant, exponent);
            return isNegative ? -number : number;
        }

        /// <summary>The shortest of 15 to 17 digits that is read back to the last bit, with a point or e.</summary>
        internal static string TextFromDouble(double number)
        {
            string text = "";
            foreach (string format in Formats)
            {
                text = number.ToString(format, CultureInfo.InvariantCulture);
                if (DoubleFromText(text).Equals(number))
                {
                    break;
                }
            }
            if (number.Equals(0.0) && BitConverter.DoubleToInt64Bits(number) < 0)
            {
                return "-0.0"; // the runtimes differ in whether they write the sign
            }
            int exponentAt = text.IndexOf('E');
            if (exponentAt < 0)
            {
                return text.IndexOf('.') < 0 ? text + ".0" : text;
            }
            int exponent = CappedInteger(text, exponentAt + 1);
            return text.Substring(0, exponentAt) + "e" + exponent.ToString(CultureInfo.InvariantCulture);
        }

        private static int CappedInteger(string text, int at)
        {
            bool isNegative = text[at] == '-';
            at += isNegative || text[at] == '+' ? 1 : 0;
            int number = 0;
            for (; at < text.Length; at++)
            {
                number = Math.Min(number * 10 + (text[at] - '0'), ExponentCap);
            }
            return isNegative ? -number : number;
        }

        private static double Nearest(string text, BigNatural digits, int significant, int exponent)
        {
            ulong small;
            if (significant == 0)
            {
                return 0;
            }
            if (significant + exponent > 310)
            {
                return double.PositiveInfinity;
            }
            if (significant + exponent < -330)
            {
                return 0;
            }
            // Both factors are exact, so the one rounding is the right one.
            if (digits.TryUInt64(out small) && small <= MaxExact && Math.Abs(exponent) <= 22)
            {
                double power = PowersOfTen[Math.Abs(exponent)];
                return exponent < 0 ? (double)small / power : (double)small * power;
            }
            double guess;
            bool parsed = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out guess);
            return Search(digits, exponent, BitConverter.DoubleToInt64Bits(parsed ? guess : double.MaxValue));
        }

        /// <summary>The nearest float64, looked for around the guess and else everywhere.</summary>
        private static double Search(BigNatural digits, int exponent, long guess)
        {
            long infinity = BitConverter.DoubleToInt64Bits(double.PositiveInfinity);
            long low = Math.Max(0, guess - Near);
            long high = Math.Min(infinity, guess + Near);
            high = high < infinity && !IsAtMost(digits, exponent, high) ? infinity : high;
            low = low > 0 && IsAtMost(digits, exponent, low - 1) ? 0 : low;
            while (low < high)
            {
                long middle = low + (high - low) / 2;
                if (IsAtMost(digits, exponent, middle))
                {
                    high = middle;
                }
                else
                {
                    low = middle + 1;
                }
            }
            return BitConverter.Int64BitsToDouble(low);
        }

        private static bool IsAtMost(BigNatural digits, int exponent, long bits)
        {
            int side = CompareToMark(digits, exponent, bits);
            return side < 0 || (side == 0 && (bits & 1) == 0); // a tie goes to the even one
        }

        /// <summary>Compares digits * 10^exponent with the middle between a float64 and the next one up.</summary>
        private static int CompareToMark(BigNatural digits, int exponent, long bits)
        {
            int field = (int)(bits >> 52);
            long fraction = bits & ((1L << 52) - 1);
            long whole = field == 0 ? fraction : fraction | (1L << 52);
            int power = (field == 0 ? 1 : field) - 1075 - 1; // one less for the half
            BigNatural left = digits.Copy();
            var right = new BigNatural();
            right.Add((ulong)(2 * whole + 1));
            (exponent > 0 ? left : right).MultiplyPowerOfTen(Math.Abs(exponent));
            (power > 0 ? right : left).ShiftLeft(Math.Abs(power));
            return left.CompareTo(right);
        }
    }
}
