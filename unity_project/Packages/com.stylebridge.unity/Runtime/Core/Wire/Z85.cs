namespace Stylebridge.Wire
{
    /// <summary>ZeroMQ's text form of keys: five characters for four bytes.</summary>
    internal static class Z85
    {
        private const string Digits =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

        internal static bool TryDecode(string text, out byte[] bytes)
        {
            bytes = null;
            if (text == null || text.Length % 5 != 0)
            {
                return false;
            }
            var decoded = new byte[text.Length / 5 * 4];
            for (int block = 0; block < text.Length / 5; block++)
            {
                ulong value = 0;
                for (int i = 0; i < 5; i++)
                {
                    int digit = Digits.IndexOf(text[5 * block + i]);
                    if (digit < 0)
                    {
                        return false;
                    }
                    value = value * 85 + (ulong)digit;
                }
                if (value > uint.MaxValue)
                {
                    return false;
                }
                for (int i = 0; i < 4; i++)
                {
                    decoded[4 * block + i] = (byte)(value >> (24 - 8 * i));
                }
            }
            bytes = decoded;
            return true;
        }
    }
}
