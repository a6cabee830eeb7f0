namespace Stylebridge.Wire
{
    /// <summary>UTF-8 judged without exceptions and without garbage.</summary>
    internal static class Utf8
    {
        internal static int LengthToZero(byte[] data, int at, int count)
        {
            int length = 0;
            while (length < count && data[at + length] != 0)
            {
                length++;
            }
            return length;
        }

        /// <summary>Whether the bytes are whole characters in their shortest form, without surrogates.</summary>
        internal static bool IsValid(byte[] data, int at, int count)
        {
            int end = at + count;
            while (at < end)
            {
                byte lead = data[at++];
                if (lead < 0x80)
                {
                    continue;
                }
                int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
                if (lead < 0xC2 || lead > 0xF4 || at + more > end || !SecondFits(lead, data[at]))
                {
                    return false;
                }
                for (int i = 1; i < more; i++)
                {
                    if ((data[at + i] & 0xC0) != 0x80)
                    {
                        return false;
                    }
                }
                at += more;
            }
            return true;
        }

        private static bool SecondFits(byte lead, byte second)
        {
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            return second >= low && second <= high;
        }
    }
}
